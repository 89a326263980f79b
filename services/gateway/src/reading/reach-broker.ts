import { EVENTS_STREAM, type HeraldEvent, parseEvent, type QueryDefinition } from '@herald/contracts';
import { type Broker, loadLastMessage } from '@herald/event-log';
import { ask } from '@herald/service-kit';
import type { z } from 'zod';
import type { GatewayDependencies } from '../http/context.ts';

/** The broker is not connected or did not answer. Nothing was changed. */
export class BrokerUnavailableError extends Error {
  override readonly name = 'BrokerUnavailableError';
}

/**
 * Runs a request to the broker. Whatever it fails with is the broker's failure: a request to it has no other.
 *
 * @throws BrokerUnavailableError
 */
export async function reachBroker<Answer>(broker: Broker, request: () => Promise<Answer>): Promise<Answer> {
  if (!broker.isConnected()) throw new BrokerUnavailableError('not connected to the broker');
  try {
    return await request();
  } catch (error) {
    throw new BrokerUnavailableError('the broker did not answer', { cause: error });
  }
}

/**
 * The last event on an aggregate's subject, as the stream's leader has it; `null` when there is none.
 *
 * @throws BrokerUnavailableError; ZodError or Error when what stands there is no event of the catalogue (a bug)
 */
export async function lastEventOn(broker: Broker, subject: string): Promise<HeraldEvent | null> {
  const stored = await reachBroker(broker, () => loadLastMessage(broker, EVENTS_STREAM, subject));
  return stored === null ? null : parseEvent(stored.string());
}

/**
 * Whether there is, or ever was, an aggregate on this subject; also where its last event cannot be read.
 *
 * @throws BrokerUnavailableError
 */
export async function isInLog(broker: Broker, subject: string): Promise<boolean> {
  return (await reachBroker(broker, () => loadLastMessage(broker, EVENTS_STREAM, subject))) !== null;
}

/**
 * Asks a question of another service.
 *
 * @throws BrokerUnavailableError when there is no connection, QueryUnavailableError when the service does not answer
 */
export async function askService<Request extends z.ZodType, Reply extends z.ZodType>(
  dependencies: GatewayDependencies,
  query: QueryDefinition<Request, Reply>,
  request: z.infer<Request>,
): Promise<z.infer<Reply>> {
  if (!dependencies.broker.isConnected()) throw new BrokerUnavailableError('not connected to the broker');
  return ask(dependencies.broker, query, request, dependencies.queryWaitMs);
}
