import { EVENTS_STREAM, type EventData, eventSubjects, type HeraldEvent } from '@herald/contracts';
import { type Broker, loadLastMessage, readLog } from '@herald/event-log';
import type { Decisions } from './decisions.ts';
import { foldRecord, type Unreadable } from './fold-record.ts';
import { initialProgress, type MessageProgress } from './progress.ts';

/** What the log says of a batch. */
export type LookedUp =
  | { readonly kind: 'completed' }
  | { readonly kind: 'open'; readonly messages: readonly MessageProgress[] }
  /** Something stands there that nobody here can read, nor tell which messages it is about. */
  | ({ readonly kind: 'unreadable'; readonly messages: readonly MessageProgress[] } & Unreadable);

/**
 * Whether nothing was ever recorded of a batch: then it is not completed either, since the end of each message stands
 * there before. One small request.
 *
 * @throws the broker's errors
 */
export async function isUntouched(
  broker: Broker,
  { mailingId, batch }: EventData<'MessagesQueued'>,
): Promise<boolean> {
  return (await loadLastMessage(broker, EVENTS_STREAM, eventSubjects.outcome(mailingId, batch))) === null;
}

/**
 * Reads what has become of a batch. The log is asked every time: neither delivery counts nor anything remembered
 * tells it reliably. Nothing there costs two small requests (0.3 ms each), a subject of outcomes 3–5 ms.
 *
 * @param queuedSequence where the batch stands: its outcomes stand behind it
 * @throws the broker's errors
 */
export async function lookUp(
  broker: Broker,
  queued: HeraldEvent<'MessagesQueued'>,
  queuedSequence: number,
  signal: AbortSignal,
  after: Decisions['after'],
): Promise<LookedUp> {
  const { mailingId, batch } = queued.data;
  const outcomes = eventSubjects.outcome(mailingId, batch);
  const [completed, untouched] = await Promise.all([
    loadLastMessage(broker, EVENTS_STREAM, eventSubjects.batch(mailingId, batch)),
    isUntouched(broker, queued.data),
  ]);
  if (completed !== null) return { kind: 'completed' };
  const messages = initialProgress(queued.data);
  if (untouched) return { kind: 'open', messages };
  let unreadable: Unreadable | null = null;
  const portions = readLog(broker, {
    filter: outcomes,
    startSequence: queuedSequence,
    stopAtEnd: true,
    signal,
  });
  for await (const portion of portions) {
    for (const record of portion) {
      const found = foldRecord(messages, record.text, after);
      // What one record of a newer release means stays unknown, whatever else is damaged.
      if (unreadable?.isNewer !== true) unreadable = found ?? unreadable;
    }
  }
  signal.throwIfAborted();
  if (unreadable !== null) return { kind: 'unreadable', messages, ...unreadable };
  return { kind: 'open', messages };
}

/** As {@link lookUp}. */
export type LookUp = typeof lookUp;
