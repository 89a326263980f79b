import { z } from 'zod';
import { instant } from '../time.ts';

/** What every outcome of a single message says. */
export const outcome = z.object({
  mailingId: z.uuid(),
  batch: z.int().nonnegative(),
  messageId: z.int().positive(),
  clientId: z.uuid(),
  /** Which call to the provider this was, from 1; 0 when none was made. */
  attempt: z.int().nonnegative(),
  /** The version of the mailing whose text and limits were used. */
  mailingVersion: z.int().positive(),
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
