import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { NotReachableError, RefusedError } from '../failures.ts';
import { failureOf, readAnswer } from './answer.ts';
import { type HttpCall, type Query, readText, sendCall } from './http-call.ts';
import { problemSchema } from './problem.ts';

/**
 * Herald over REST. Everything throws {@link RefusedError} when Herald does not do it, {@link NotReachableError} when no
 * answer of Herald comes, and the signal's reason when the command is stopped.
 */
export type Api = {
  readonly url: URL;
  get<Schema extends z.ZodType>(path: string, schema: Schema, query?: Query): Promise<z.output<Schema>>;
  /** A call that may be made twice without harm, or is refused the second time. */
  post<Schema extends z.ZodType>(path: string, schema: Schema, sent?: Sent): Promise<z.output<Schema>>;
  /** A write under an idempotency key: where nobody knows what became of it, it is repeated; a 202 is waited for. */
  write<Schema extends z.ZodType>(write: Write, schema: Schema): Promise<z.output<Schema>>;
  /** The answer as it comes, once its status is a 2xx. */
  open(call: HttpCall): Promise<IncomingMessage>;
};

export type Sent = { readonly query?: Query | undefined; readonly body?: object };

export type Write = {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** Only if what is written has this version. */
  readonly ifVersion?: number | undefined;
  /** By default a new one. */
  readonly key?: string | undefined;
  /** With which options the same command is given again, where it makes something new. */
  readonly again?: (key: string) => string;
};

const ANSWER_WITHIN_MS = 30_000;
const WRITE_ATTEMPTS = 5;
const ASK_AGAIN_MS = 300;
const DONE_WITHIN_MS = 60_000;

const accepted = z.looseObject({ id: z.string() });
const commandState = z.looseObject({
  status: z.enum(['accepted', 'done', 'refused']),
  result: z.unknown().optional(),
});

export function connectTo(url: URL, signal: AbortSignal): Api {
  const where = url.href.replace(/\/$/, '');

  const open = async (call: HttpCall): Promise<IncomingMessage> => {
    const response = await sendCall(url, call, signal);
    if (isSuccess(response)) return response;
    throw failureOf(where, response, await readText(url, response, signal));
  };

  const ask = async <Schema extends z.ZodType>(call: HttpCall, schema: Schema): Promise<z.output<Schema>> => {
    const response = await open({ silenceMs: ANSWER_WITHIN_MS, ...call });
    return readAnswer(where, schema, await readText(url, response, signal));
  };

  const get: Api['get'] = (path, schema, query) => ask({ method: 'GET', path, query }, schema);

  /** What became of a write that was answered 202. */
  async function untilDone(commandId: string): Promise<unknown> {
    const deadline = performance.now() + DONE_WITHIN_MS;
    for (;;) {
      const { status, result } = await get(`/commands/${commandId}`, commandState);
      if (status === 'done') return result ?? null;
      if (status === 'refused') throw new RefusedError(problemSchema.parse(result));
      if (performance.now() > deadline) throw notYet(where, commandId);
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }

  const writeOnce = async <Schema extends z.ZodType>(
    { method, path, body, ifVersion }: Write,
    key: string,
    schema: Schema,
  ): Promise<z.output<Schema>> => {
    const response = await open({
      silenceMs: ANSWER_WITHIN_MS,
      method,
      path,
      headers: {
        'Idempotency-Key': key,
        ...(body && JSON_HEADERS),
        ...(ifVersion !== undefined && { 'If-Match': `"${ifVersion}"` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await readText(url, response, signal);
    if (response.statusCode !== 202) return readAnswer(where, schema, text);
    return schema.parse(await untilDone(readAnswer(where, accepted, text).id));
  };

  return {
    url,
    open,
    get,
    post: (path, schema, { query, body } = {}) => {
      const json = body && { headers: JSON_HEADERS, body: JSON.stringify(body) };
      return ask({ method: 'POST', path, query, ...json }, schema);
    },
    write: async (write, schema) => {
      const key = write.key ?? randomUUID();
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await writeOnce(write, key, schema);
        } catch (error) {
          if (!mayBeDone(error)) throw error;
          if (attempt === WRITE_ATTEMPTS) throw unknown(error, write.again?.(key));
          await sleep(error.retryAfterMs ?? 1_000, undefined, { signal });
        }
      }
    },
  };
}

const JSON_HEADERS = { 'Content-Type': 'application/json' };

const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode <= 299;

/** Whether nobody knows what became of a write: the same one under the same key finds out. */
const mayBeDone = (error: unknown): error is NotReachableError =>
  error instanceof NotReachableError &&
  (error.kind === 'lost' || error.problem?.code === 'acceptance-unknown');

function unknown(error: NotReachableError, again: string | undefined): NotReachableError {
  const remedy = again === undefined ? '' : `: the same command with ${again} finds out`;
  return new NotReachableError(error.kind, `${error.message} It may have been done${remedy}.`, error);
}

const notYet = (where: string, commandId: string): NotReachableError =>
  new NotReachableError(
    'unavailable',
    `Herald at ${where} has accepted it, but did not carry it out yet. It will: see GET /api/v1/commands/${commandId}.`,
  );
