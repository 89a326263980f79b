import { EVENTS_STREAM, type HeraldEvent, parseEvent } from '@herald/contracts';
import { type Broker, loadLastMessage, loadRecord } from '@herald/event-log';
import type { Source } from './facts.ts';

/** The event at a position; `null` where none stands there that this release can read. @throws the broker's errors */
export async function readEvent(broker: Broker, position: number): Promise<HeraldEvent | null> {
  const record = await loadRecord(broker, position);
  return record === null ? null : parsed(record.text);
}

/** A source as the event at its position has it, where that can be read. */
export async function sourceAt<Known extends Source>(broker: Broker, known: Known): Promise<Known> {
  const event = await readEvent(broker, known.position);
  return event === null ? known : { ...known, event: event.type, at: event.time };
}

/** The newest event on a subject; `null` when there is none. @throws the broker's errors */
export async function newestOn(broker: Broker, subject: string): Promise<Source | null> {
  const stored = await loadLastMessage(broker, EVENTS_STREAM, subject);
  if (stored === null) return null;
  const event = parsed(stored.string());
  return {
    event: event?.type ?? null,
    position: stored.seq,
    at: event?.time ?? stored.time.toISOString(),
  };
}

function parsed(text: string): HeraldEvent | null {
  try {
    return parseEvent(text);
  } catch {
    // What cannot be read is part of the answer: who asks is told its position.
    return null;
  }
}
