import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { outcome } from './outcome.ts';

/** The part of {@link messageUndecided} that does not say which message it is about. */
export const messageUndecidedFacts = {
  look: z.int().positive(),
  error: z.string(),
};

/**
 * A sender met an error of its own where it had to decide about this message, and puts the message off. `look` counts
 * these events of one message, from 1, over all deliveries and processes; `attempt` stays the number of calls.
 */
export const messageUndecided = defineEvent('MessageUndecided', 1, outcome.extend(messageUndecidedFacts));
