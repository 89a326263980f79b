import { defineEvent } from './define-event.ts';
import { outcome, providerCall } from './outcome.ts';

/** The part of {@link messageSent} that does not say which message it is about. */
export const messageSentFacts = {
  call: providerCall,
};

/** The provider took the message. */
export const messageSent = defineEvent('MessageSent', 1, outcome.extend(messageSentFacts));
