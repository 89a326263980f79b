import { z } from 'zod';
import { instant } from '../time.ts';
import { BATCH_SIZE } from './messages-queued.ts';

/** What every outcome says, whichever message it is about. */
const attempted = {
  /** Which call to the provider this was, from 1; 0 when none was made. */
  attempt: z.int().nonnegative(),
  /** The version of the mailing whose text and limits were used. */
  mailingVersion: z.int().positive(),
};

/** What every outcome of a single message says where it is an event of its own: the first form of the log. */
export const outcome = z.object({
  mailingId: z.uuid(),
  batch: z.int().nonnegative(),
  messageId: z.int().positive(),
  clientId: z.uuid(),
  ...attempted,
});

/** What every outcome says where it stands in a record with others of its batch. */
export const groupedOutcome = z.object({
  /** The place of the message in its batch, from 0. */
  place: z
    .int()
    .nonnegative()
    .max(BATCH_SIZE - 1),
  ...attempted,
  /** When it was decided, where no call tells it. */
  at: instant.optional(),
});

/** When the call began, how long it took (milliseconds), and what the provider answered, if it did. */
export const providerCall = z.object({
  startedAt: instant,
  durationMs: z.number().nonnegative(),
  statusCode: z.int().nullable(),
});
export type ProviderCall = z.infer<typeof providerCall>;

/** What outcomes of many messages at once say. */
export const outcomeOfMany = z.object({
  mailingId: z.uuid(),
  batch: z.int().nonnegative(),
  messageIds: z.array(z.int().positive()).min(1),
});
