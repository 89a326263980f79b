import { type HeraldEvent, statsChangedSubject } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import type { FoldedEvent } from '@herald/postgres';

/**
 * Tells whoever shows statistics as they change which mailings a chunk has changed: one message of core NATS for each, without
 * a word of what has changed. Where nobody listens the server drops it. One that is lost is not repeated. Never throws.
 */
export function announceChanges({ connection, isConnected }: Broker, events: readonly FoldedEvent[]): void {
  if (!isConnected()) return;
  for (const mailingId of changedMailings(events.map(({ event }) => event))) {
    connection.publish(statsChangedSubject(mailingId));
  }
}

/** The mailings whose statistics these events may change. */
export function changedMailings(events: readonly HeraldEvent[]): Set<string> {
  const changed = new Set<string>();
  for (const { type, data } of events) {
    if ('mailing' in data) changed.add(data.mailing.id);
    // That all messages of a batch have ended was told with the last of them.
    else if ('mailingId' in data && type !== 'BatchCompleted') changed.add(data.mailingId);
  }
  return changed;
}
