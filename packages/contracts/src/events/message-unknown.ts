import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { outcome, providerCall } from './outcome.ts';

/** The part of {@link messageUnknown} that does not say which message it is about. */
export const messageUnknownFacts = {
  error: z.string(),
  call: providerCall.nullable(),
};

/** The answer to a call was lost and will never be known: the message may or may not have been delivered. */
export const messageUnknown = defineEvent('MessageUnknown', 1, outcome.extend(messageUnknownFacts));
