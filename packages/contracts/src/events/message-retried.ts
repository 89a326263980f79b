import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { outcome, providerCall } from './outcome.ts';

/**
 * A call did not end the message; it will be tried again. `answer` tells whether the provider said no
 * (`refused`), so that it cannot have been delivered, or whether nobody knows (`lost`).
 */
export const messageRetried = defineEvent(
  'MessageRetried',
  1,
  outcome.extend({ error: z.string(), answer: z.enum(['refused', 'lost']), call: providerCall }),
);
