import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { outcome, providerCall } from './outcome.ts';

/** The part of {@link messageRetried} that does not say which message it is about. */
export const messageRetriedFacts = {
  error: z.string(),
  answer: z.enum(['refused', 'lost']),
  refusal: z.enum(['message', 'token']).optional().catch(undefined),
  call: providerCall,
};

/**
 * A call did not end the message; it will be tried again. `answer` tells whether the provider said no
 * (`refused`), so that it cannot have been delivered, or whether nobody knows (`lost`).
 *
 * `refusal` is there where a `refused` speaks of this message, so that it counts towards the message's end: `message`
 * is a refusal in the provider's own words, `token` a 401 or 403, which may also be about the token. Without it the
 * provider refused calls for now. Events from before there was this field have none, and a value that only a newer
 * release knows is read as none (docs/adr/0028).
 */
export const messageRetried = defineEvent('MessageRetried', 1, outcome.extend(messageRetriedFacts));
