import { eventSubjects } from '@herald/contracts';
import { type LogRecord, loadRecord, readLog } from '@herald/event-log';
import type { Runtime } from '@herald/service-kit';
import type { MessageRow } from '../message-row.ts';
import { entriesOf, NO_CALL, readEvents } from './entries-of.ts';
import { History, type HistoryEntry } from './history.ts';

/** How long the log may take to answer, milliseconds. */
const PATIENCE_MS = 4_000;

/**
 * All that happened to a message, straight from the log, so that it is stored once only. It begins with its batch.
 *
 * @throws the broker's errors, and where the log does not answer in time
 */
export async function readHistory(runtime: Runtime, row: MessageRow): Promise<readonly HistoryEntry[]> {
  const history = new History();
  const seen = new Set<string>();
  const add = (record: LogRecord): void => {
    const unreadable = (error: unknown): void =>
      runtime.log.error(
        { err: error, sequence: record.sequence },
        'a history leaves out what is not readable',
      );
    // A record that was not acknowledged is sent again, and may stand in the log twice.
    const events = readEvents(record.text, unreadable).filter(({ id }) => !seen.has(id));
    for (const event of events) {
      const entries = entriesOf(event, row.id, record);
      if (entries.length > 0) seen.add(event.id);
      for (const entry of entries) history.add(entry);
    }
  };
  const queued = await loadRecord(runtime.broker, row.queued_sequence);
  if (queued !== null) add(queued);
  if (history.entries.length === 0) history.add(queuedAs(row));
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const reading = {
    filter: eventSubjects.outcome(row.mailing_id, row.batch),
    startSequence: row.queued_sequence,
    stopAtEnd: true,
    signal,
  };
  for await (const records of readLog(runtime.broker, reading)) for (const record of records) add(record);
  signal.throwIfAborted();
  return history.entries;
}

/** What the read model knows of the message's batch, where its record cannot be read any more. */
const queuedAs = (row: MessageRow): HistoryEntry => ({
  at: row.created_at.toISOString(),
  event: 'MessagesQueued',
  position: row.queued_sequence,
  actor: null,
  correlationId: null,
  ...NO_CALL,
});
