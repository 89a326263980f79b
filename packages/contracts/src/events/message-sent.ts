import { defineEvent } from './define-event.ts';
import { outcome, providerCall } from './outcome.ts';

/** The provider took the message. */
export const messageSent = defineEvent('MessageSent', 1, outcome.extend({ call: providerCall }));
