import { type EventData, eventSubjects, type HeraldEvent } from '@herald/contracts';
import type { Decisions } from './decisions.ts';
import { foldRecord, type Unreadable } from './fold-record.ts';
import type { LogReader } from './log-reader.ts';
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
export const isUntouched = (
  reader: LogReader,
  { mailingId, batch }: EventData<'MessagesQueued'>,
): Promise<boolean> => reader.isEmpty(eventSubjects.outcome(mailingId, batch));

/**
 * Reads what has become of a batch. The log is asked every time: neither delivery counts nor anything remembered
 * tells it reliably. Nothing there costs two small requests (0.3 ms each), a subject of outcomes 3–5 ms.
 *
 * @param queuedSequence where the batch stands: its outcomes stand behind it
 * @throws the broker's errors
 */
export async function lookUp(
  reader: LogReader,
  queued: HeraldEvent<'MessagesQueued'>,
  queuedSequence: number,
  signal: AbortSignal,
  after: Decisions['after'],
): Promise<LookedUp> {
  const { mailingId, batch } = queued.data;
  const outcomes = eventSubjects.outcome(mailingId, batch);
  const [isOpen, untouched] = await Promise.all([
    reader.isEmpty(eventSubjects.batch(mailingId, batch)),
    isUntouched(reader, queued.data),
  ]);
  if (!isOpen) return { kind: 'completed' };
  const messages = initialProgress(queued.data);
  if (untouched) return { kind: 'open', messages };
  let unreadable: Unreadable | null = null;
  for await (const chunk of reader.read(outcomes, queuedSequence, signal)) {
    for (const record of chunk) {
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
