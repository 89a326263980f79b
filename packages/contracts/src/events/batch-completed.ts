import { z } from 'zod';
import { defineEvent } from './define-event.ts';

/** Every message of a batch has ended. Stands once on its subject (expected sequence 0). */
export const batchCompleted = defineEvent(
  'BatchCompleted',
  1,
  z.object({ mailingId: z.uuid(), batch: z.int().nonnegative(), messages: z.int().positive() }),
);
