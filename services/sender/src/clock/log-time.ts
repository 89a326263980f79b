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
 * Learns what time it is by the log: stores a few bytes in a stream in memory and looks when the broker says it stored
 * them. Two small requests, under 1 ms together on one machine. Servers before 2.10 name their time nowhere else.
 *
 * @throws the client's errors where the broker does not answer or has no such stream (which is then made again)
 */
export async function askLogTime({ broker, senderId, now, replicas }: LogTimeOptions): Promise<Exchange> {
  if (!broker.isConnected()) throw new Error('not connected to NATS');
  const sentAt = now();
  const sequence = await store(broker, senderId, replicas);
  const answeredAt = now();
  const stored = await broker.manager.streams.getMessage(COORDINATION_STREAM, { seq: sequence });
  if (stored === null) throw new Error('what was stored is gone already');
  return { sentAt, storedAt: stored.time.getTime(), answeredAt };
}

async function store(broker: Broker, senderId: string, replicas: number): Promise<number> {
  const subject = coordinationSubjects.clock(senderId);
  try {
    const answer = await broker.connection.request(subject, '', { timeout: ANSWER_MS });
    const { seq, error } = answer.json<{ seq?: number; error?: { description?: string } }>();
    if (seq === undefined) throw new Error(`not stored: ${error?.description ?? 'no reason given'}`);
    return seq;
  } catch (error) {
    // In memory it does not outlive a restart of a single server. If that was not the matter, the error tells what is.
    await ensureCoordination(broker, { replicas }).catch(() => undefined);
    throw error;
  }
}
