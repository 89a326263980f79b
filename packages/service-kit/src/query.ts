import type { QueryDefinition } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { z } from 'zod';
import type { Logger } from './logger.ts';

/** Nobody answers this question now: no instance of the service is there, or none was in time. */
export class QueryUnavailableError extends Error {
  override readonly name = 'QueryUnavailableError';
  readonly subject: string;
  constructor(subject: string, cause: unknown) {
    super(`${subject} is not answered`, { cause });
    this.subject = subject;
  }
}

const reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

/**
 * Answers a question; the instances of a service share the askers (queue group). A handler that throws is answered
 * as a failure and logged, and the asker sees the question as unavailable.
 *
 * @param isNotNow whether a failure only says that there is no answer yet: askers repeat the question, and each repeat
 *   would log the same error
 * @returns ends the answering once the questions under way are answered
 */
export function serveQuery<Request extends z.ZodType, Reply extends z.ZodType>(
  broker: Broker,
  log: Logger,
  query: QueryDefinition<Request, Reply>,
  handle: (request: z.infer<Request>) => Promise<z.input<Reply>>,
  isNotNow: (error: unknown) => boolean = () => false,
): () => Promise<void> {
  const underWay = new Set<Promise<void>>();
  const answer = async (text: string): Promise<string> => {
    try {
      const value = await handle(query.request.parse(JSON.parse(text)));
      return JSON.stringify({ ok: true, value });
    } catch (error) {
      log[isNotNow(error) ? 'debug' : 'error']({ err: error, query: query.subject }, 'a query failed');
      return JSON.stringify({ ok: false, error: String(error) });
    }
  };
  const subscription = broker.connection.subscribe(query.subject, {
    queue: query.subject,
    callback: (error, message) => {
      // The server refused the subscription: this is no message.
      if (error !== null) return;
      const work = answer(message.string())
        .then((text) => {
          message.respond(text);
        })
        .catch((error) => {
          // The client refuses what is larger than the broker takes: the asker must hear of it, and nobody end by it.
          log.error({ err: error, query: query.subject }, 'an answer could not be given');
          message.respond(JSON.stringify({ ok: false, error: String(error) }));
        })
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
  });
  return async () => {
    subscription.unsubscribe();
    await Promise.all(underWay);
  };
}

/**
 * Asks a question of another service.
 *
 * @param timeoutMs how long to wait for the answer
 * @throws QueryUnavailableError when nobody answers, or the answer is a failure or does not fit
 */
export async function ask<Request extends z.ZodType, Reply extends z.ZodType>(
  broker: Broker,
  query: QueryDefinition<Request, Reply>,
  request: z.infer<Request>,
  timeoutMs = 5_000,
): Promise<z.infer<Reply>> {
  try {
    const message = await broker.connection.request(query.subject, JSON.stringify(request), {
      timeout: timeoutMs,
    });
    const answer = reply.parse(message.json());
    if (!answer.ok) throw new Error(answer.error);
    return query.reply.parse(answer.value);
  } catch (error) {
    throw new QueryUnavailableError(query.subject, error);
  }
}
