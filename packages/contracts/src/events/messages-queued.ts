import { z } from 'zod';
import { defineEvent } from './define-event.ts';

/** How many recipients one batch holds at most. */
export const BATCH_SIZE = 250;

/**
 * One batch of a mailing's plan: recipients of one time zone. The message ids are consecutive, the first client's
 * is `firstMessageId`. Stands once on its subject (expected sequence 0).
 */
export const messagesQueued = defineEvent(
  'MessagesQueued',
  1,
  z.object({
    mailingId: z.uuid(),
    batch: z.int().nonnegative(),
    timezone: z.string(),
    firstMessageId: z.int().positive(),
    clientIds: z.array(z.uuid()).min(1).max(BATCH_SIZE),
  }),
);
