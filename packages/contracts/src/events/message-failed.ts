import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { outcome, providerCall } from './outcome.ts';

/** The part of {@link messageFailed} that does not say which message it is about. */
export const messageFailedFacts = {
  error: z.string(),
  call: providerCall.nullable(),
};

/** The message cannot be delivered, ever: the provider refused it for good, or the client was removed. */
export const messageFailed = defineEvent('MessageFailed', 1, outcome.extend(messageFailedFacts));
