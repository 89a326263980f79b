import { COORDINATION_STREAM, coordinationSubjects } from '@herald/contracts';
import { type Broker, ensureCoordination } from '@herald/event-log';
import type { Exchange } from './offset.ts';

export interface LogTimeOptions {
  readonly broker: Broker;
  /** Names this process, without a dot: each has a subject of its own. */
  readonly senderId: string;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Copies of the stream, where it has to be made again. */
  readonly replicas: number;
}

/** An answer that takes longer tells little, milliseconds. */
const ANSWER_MS = 1_000;

/**
 * Learns what time it is by the log: stores an empty message in a stream in memory and looks when the broker says it
 * stored it. Two small requests, under 1 ms together on one machine. Servers before 2.10 name their time nowhere else.
 *
 * @throws the client's errors where the broker does not answer or the stream cannot be made
 */
export async function askLogTime(options: LogTimeOptions): Promise<Exchange> {
  const { broker, replicas } = options;
  if (!broker.isConnected()) throw new Error('not connected to NATS');
  try {
    return await exchange(options);
  } catch {
    // In memory it does not outlive a restart of a single server. If that was not the matter, this fails as well.
    await ensureCoordination(broker, { replicas });
    return exchange(options);
  }
}

async function exchange({ broker, senderId, now }: LogTimeOptions): Promise<Exchange> {
  const sentAt = now();
  const message = await broker.connection.request(coordinationSubjects.clock(senderId), '', {
    timeout: ANSWER_MS,
  });
  const answeredAt = now();
  const { seq, error } = message.json<{ seq?: number; error?: { description?: string } }>();
  if (seq === undefined) throw new Error(`not stored: ${error?.description ?? 'no reason given'}`);
  const stored = await broker.manager.streams.getMessage(COORDINATION_STREAM, { seq });
  if (stored === null) throw new Error('what was stored is gone already');
  return { sentAt, storedAt: stored.time.getTime(), answeredAt };
}
