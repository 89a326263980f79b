import {
  cutRecord,
  eventSubjects,
  type HeraldEvent,
  type MessageOutcome,
  type messageHistoryEntry,
  type messageQuery,
  outcomesOf,
  type ProviderCall,
  parseEvent,
} from '@herald/contracts';
import { readLog } from '@herald/event-log';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { inServed } from '../generations/in-served.ts';
import { messageOf } from './message-row.ts';
import { readMessages } from './read-messages.ts';

type Entry = z.infer<typeof messageHistoryEntry>;

/** How long the log may take to answer, milliseconds. */
const PATIENCE_MS = 4_000;

/** One message and all that happened to it. The history comes straight from the log, so it is stored once only. */
export async function findMessage(
  { database, runtime }: Dependencies,
  { messageId }: z.infer<typeof messageQuery.request>,
): Promise<z.infer<typeof messageQuery.reply>> {
  const [row] = await inServed(database, (transaction) =>
    readMessages(transaction, { firstId: messageId, lastId: messageId, limit: 1 }),
  );
  if (row === undefined) return { message: null };
  const message = messageOf(row);
  const history: Entry[] = [{ ...NOTHING, at: message.createdAt, event: 'MessagesQueued' }];
  const seen = new Set<string>();
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const reading = {
    filter: eventSubjects.outcome(row.mailing_id, row.batch),
    startSequence: row.queued_sequence,
    stopAtEnd: true,
    signal,
  };
  for await (const records of readLog(runtime.broker, reading)) {
    for (const record of records) {
      const unreadable = (error: unknown): void =>
        runtime.log.error(
          { err: error, sequence: record.sequence },
          'a history leaves out what is not readable',
        );
      for (const event of readEvents(record.text, unreadable)) {
        const entries = entriesOf(event, messageId);
        // A record that was not acknowledged is sent again, and may stand in the log twice.
        if (entries.length === 0 || seen.has(event.id)) continue;
        seen.add(event.id);
        for (const entry of entries) remember(history, entry);
      }
    }
  }
  signal.throwIfAborted();
  return { message: { ...message, history } };
}

const NOTHING = { attempt: null, statusCode: null, durationMs: null, error: null };

/** How many entries a history holds: the first half of them and the last; a reply must fit a message of the broker. */
const MOST_ENTRIES = 1_000;

/** Keeps the first entries and the newest ones; what is left out stands in the log. */
function remember(history: Entry[], entry: Entry): void {
  if (history.length >= MOST_ENTRIES) history.splice(MOST_ENTRIES / 2, 1);
  history.push(entry);
}

/** What cannot be read must not hide the rest: neither the other records, nor the other outcomes of its own. */
function readEvents(text: string, unreadable: (error: unknown) => void): HeraldEvent[] {
  try {
    return [parseEvent(text)];
  } catch (error) {
    const alone = cutRecord(text);
    if (alone.length === 0) unreadable(error);
    return alone.flatMap((one) => readEvents(one, unreadable));
  }
}

/** What an event says of one message; nothing when it is about others. */
function entriesOf(event: HeraldEvent, messageId: number): Entry[] {
  if (event.type === 'MessagesExpired' || event.type === 'MessagesCancelled') {
    const { messageIds } = event.data;
    return messageIds.includes(messageId) ? [{ ...NOTHING, at: event.time, event: event.type }] : [];
  }
  return outcomesOf(event)
    .filter(({ outcome }) => outcome.data.messageId === messageId)
    .map(({ outcome, at }) => ({
      ...NOTHING,
      at,
      event: outcome.type,
      ...saidBy(outcome),
    }));
}

function saidBy({ type, data }: MessageOutcome): Partial<Entry> {
  const { attempt } = data;
  switch (type) {
    case 'MessageSent':
      return { attempt, ...callOf(data.call) };
    case 'MessageFailed':
    case 'MessageRetried':
    case 'MessageUnknown':
      return { attempt, error: data.error, ...callOf(data.call) };
    case 'MessageUndecided':
      return { attempt, error: data.error };
    default:
      return type satisfies never;
  }
}

const callOf = (call: ProviderCall | null): Pick<Entry, 'statusCode' | 'durationMs'> => ({
  statusCode: call?.statusCode ?? null,
  durationMs: call?.durationMs ?? null,
});
