import { defineEvent } from './define-event.ts';
import { outcomeOfMany } from './outcome.ts';

/** These messages had not ended when the mailing was deleted, and will not be sent. */
export const messagesCancelled = defineEvent('MessagesCancelled', 1, outcomeOfMany);
