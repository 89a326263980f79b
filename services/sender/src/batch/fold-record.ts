import { eventCatalogue, parseEvent } from '@herald/contracts';
import { z } from 'zod';
import type { Decisions } from './decisions.ts';
import { isolated } from './isolation.ts';
import { afterUnreadable, foldOutcome, type MessageProgress, update } from './progress.ts';
import { afterIsolated } from './undecided.ts';

/** Why a record cannot be read. */
export interface Unreadable {
  readonly reason: string;
  /** A newer release wrote it, and can read it. */
  readonly isNewer: boolean;
}

/** As much of an outcome as tells whom it is about. */
const about = z.object({
  type: z.string(),
  dataversion: z.int(),
  data: z.union([z.object({ messageId: z.int() }), z.object({ messageIds: z.array(z.int()).min(1) })]),
});

/**
 * Folds one record of the batch's outcome subject into its messages. Where it cannot be read, those that it is about
 * may have been called for and are left to be decided each by itself.
 *
 * @returns why the whole batch cannot be told, where the record does not even say whom it is about
 */
export function foldRecord(
  messages: MessageProgress[],
  text: string,
  after: Decisions['after'],
): Unreadable | null {
  const read = isolated(() => parseEvent(text));
  if (read.ok) {
    foldOutcome(messages, read.value, (message, outcome) => afterIsolated(message, outcome, after).message);
    return null;
  }
  const { reason } = read;
  const known = isolated(() => about.parse(JSON.parse(text)));
  if (!known.ok) return { reason, isNewer: false };
  const { type, dataversion, data } = known.value;
  if (!Object.hasOwn(eventCatalogue, type)) return { reason, isNewer: true };
  if (dataversion > eventCatalogue[type as keyof typeof eventCatalogue].dataVersion)
    return { reason, isNewer: true };
  const ids = 'messageId' in data ? [data.messageId] : data.messageIds;
  for (const id of ids) update(messages, id, (message) => afterUnreadable(message, reason));
  return null;
}
