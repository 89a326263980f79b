import { EVENTS_STREAM, type HeraldEvent, parseEvent } from '@herald/contracts';
import type { StoredMsg } from '@nats-io/jetstream';
import type { Broker } from './connection.ts';
import type { LogRecord } from './record.ts';

/** An event on a subject, its last one as a rule, and its position. */
export interface LastEvent {
  readonly sequence: number;
  readonly event: HeraldEvent;
}

/** What stands there is no event that this program can read: it is broken, or a newer release wrote it. */
export class UnreadableEventError extends Error {
  override readonly name = 'UnreadableEventError';
}

/**
 * The last event on a literal subject, asked of the stream's leader (a direct get may be stale); under 0.3 ms.
 * `null` when there is none.
 *
 * @throws UnreadableEventError; the client's errors when the broker does not answer within its time-out
 */
export async function loadLast(broker: Broker, subject: string): Promise<LastEvent | null> {
  return read(subject, await loadLastMessage(broker, EVENTS_STREAM, subject));
}

/**
 * The first event on a literal subject at a position or behind it, asked of the stream's leader; `null` when there is
 * none.
 *
 * @throws what {@link loadLast} throws
 */
export async function loadNext(broker: Broker, subject: string, from: number): Promise<LastEvent | null> {
  return read(subject, await loadNextMessage(broker, subject, from));
}

function read(subject: string, stored: StoredMsg | null): LastEvent | null {
  if (stored === null) return null;
  try {
    return { sequence: stored.seq, event: parseEvent(stored.string()) };
  } catch (error) {
    throw new UnreadableEventError(`what stands at ${stored.seq} on ${subject} cannot be read`, {
      cause: error,
    });
  }
}

/**
 * What stands at a position of the log, unparsed, asked of the stream's leader; `null` when nothing does. Under 0.3 ms.
 *
 * @throws the client's errors when the broker does not answer within its time-out
 */
export async function loadRecord({ manager }: Broker, position: number): Promise<LogRecord | null> {
  const stored = await manager.streams.getMessage(EVENTS_STREAM, { seq: position });
  if (stored === null) return null;
  const { subject, seq, time } = stored;
  return { subject, sequence: seq, storedAt: time.getTime(), pending: 0, text: stored.string() };
}

/** The last message on a literal subject of any stream, unparsed; `null` when there is none. */
export async function loadLastMessage(
  broker: Broker,
  stream: string,
  subject: string,
): Promise<StoredMsg | null> {
  return broker.manager.streams.getMessage(stream, { last_by_subj: subject });
}

/**
 * The first position from one on whose subject fits a filter, asked of the stream's leader; `null` when there is none.
 *
 * @throws the client's errors when the broker does not answer within its time-out
 */
export async function findNext(broker: Broker, filter: string, from: number): Promise<number | null> {
  return (await loadNextMessage(broker, filter, from))?.seq ?? null;
}

function loadNextMessage({ manager }: Broker, filter: string, from: number): Promise<StoredMsg | null> {
  // The server (2.9 and newer) knows it; the client's type leaves it out.
  const query = { seq: from, next_by_subj: filter } as { seq: number };
  return manager.streams.getMessage(EVENTS_STREAM, query);
}
