import { eventSubjects, type HeraldEvent, parseEvent } from '@herald/contracts';
import { type Broker, loadLast, readLog } from '@herald/event-log';
import { foldOutcome, initialProgress, type MessageProgress } from './progress.ts';

/** What the log says of a batch. */
export type LookedUp =
  | { readonly kind: 'completed' }
  | { readonly kind: 'open'; readonly messages: readonly MessageProgress[] };

/**
 * Reads what has become of a batch. The log is asked every time: neither delivery counts nor anything remembered
 * tells it reliably. Nothing there costs two small requests (0.3 ms each), a subject of outcomes 3–5 ms.
 *
 * @param queuedSequence where the batch stands: its outcomes stand behind it
 * @throws the broker's errors; ZodError or Error for an outcome that cannot be read
 */
export async function lookUp(
  broker: Broker,
  queued: HeraldEvent<'MessagesQueued'>,
  queuedSequence: number,
  signal: AbortSignal,
): Promise<LookedUp> {
  const { mailingId, batch } = queued.data;
  const outcomes = eventSubjects.outcome(mailingId, batch);
  const [completed, last] = await Promise.all([
    loadLast(broker, eventSubjects.batch(mailingId, batch)),
    loadLast(broker, outcomes),
  ]);
  if (completed !== null) return { kind: 'completed' };
  const messages = initialProgress(queued.data);
  if (last === null) return { kind: 'open', messages };
  const portions = readLog(broker, {
    filter: outcomes,
    startSequence: queuedSequence,
    stopAtEnd: true,
    signal,
  });
  for await (const portion of portions) {
    for (const record of portion) foldOutcome(messages, parseEvent(record.text));
  }
  signal.throwIfAborted();
  return { kind: 'open', messages };
}

/** As {@link lookUp}. */
export type LookUp = typeof lookUp;
