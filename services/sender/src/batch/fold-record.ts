import { cutRecord, eventCatalogue, parseEvent } from '@herald/contracts';
import { z } from 'zod';
import type { Decisions } from './decisions.ts';
import { isolated, reasonOf } from './isolation.ts';
import { afterUnreadable, foldOutcomes, type MessageProgress, update } from './progress.ts';
import { afterIsolated } from './undecided.ts';

/** Why a record cannot be read. */
export interface Unreadable {
  readonly reason: string;
  /** A newer release wrote it, and can read it. */
  readonly isNewer: boolean;
}

/** As much of an outcome as tells which messages it is about. */
const about = z.object({
  data: z.union([
    z.object({ messageId: z.int() }).transform(({ messageId }) => ({ ids: [messageId], isGroup: false })),
    z
      .object({ messageIds: z.array(z.int()).min(1) })
      .transform(({ messageIds: ids }) => ({ ids, isGroup: false })),
    z
      .object({ firstMessageId: z.int(), outcomes: z.tuple([z.object({ place: z.int() })]) })
      .transform(({ firstMessageId, outcomes: [{ place }] }) => ({
        ids: [firstMessageId + place],
        isGroup: true,
      })),
  ]),
});

/** Who can read a record. */
const version = z.object({ type: z.string(), dataversion: z.int() });

/**
 * Folds one record of the batch's outcome subject into its messages. Where it cannot be read, those that it is about
 * may have been called for and are left to be decided each by itself.
 *
 * @returns why the whole batch cannot be told, where the record does not even say which messages it is about
 */
export function foldRecord(
  messages: MessageProgress[],
  text: string,
  after: Decisions['after'],
): Unreadable | null {
  try {
    foldOutcomes(
      messages,
      parseEvent(text),
      (message, outcome) => afterIsolated(message, outcome, after).message,
    );
    return null;
  } catch (error) {
    const reason = reasonOf(error);
    return foldUnreadable(messages, text, after, reason);
  }
}

function foldUnreadable(
  messages: MessageProgress[],
  text: string,
  after: Decisions['after'],
  reason: string,
): Unreadable | null {
  const json = isolated<unknown>(() => JSON.parse(text));
  if (!json.ok) return { reason, isNewer: false };
  if (isNewer(json.value)) return { reason, isNewer: true };
  const alone = cutRecord(text);
  if (alone.length > 0) {
    const unreadable = alone.map((one) => foldRecord(messages, one, after)).filter((one) => one !== null);
    return unreadable.find((one) => one.isNewer) ?? unreadable[0] ?? null;
  }
  const known = about.safeParse(json.value);
  if (!known.success) return { reason, isNewer: false };
  const { ids, isGroup } = known.data.data;
  // A group stands where its batch is, and nowhere else.
  if (isGroup && !ids.every((id) => isOfBatch(messages, id))) return { reason, isNewer: false };
  for (const id of ids) update(messages, id, (message) => afterUnreadable(message, reason));
  return null;
}

const isOfBatch = (messages: readonly MessageProgress[], id: number): boolean =>
  messages.some(({ messageId }) => messageId === id);

/** A newer release may have changed the envelope too. */
function isNewer(record: unknown): boolean {
  const written = version.safeParse(record);
  if (!written.success) return false;
  const { type, dataversion } = written.data;
  if (!Object.hasOwn(eventCatalogue, type)) return true;
  return dataversion > eventCatalogue[type as keyof typeof eventCatalogue].dataVersion;
}
