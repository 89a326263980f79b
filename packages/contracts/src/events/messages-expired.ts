import { defineEvent } from './define-event.ts';
import { outcomeOfMany } from './outcome.ts';

/** These messages had not ended when the mailing's end came, and will not be sent. */
export const messagesExpired = defineEvent('MessagesExpired', 1, outcomeOfMany);
