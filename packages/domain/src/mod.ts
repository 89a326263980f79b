/** Pure decisions: what a command or the clock makes of a client or a mailing, and when a local window is open. */

export { canonicalClient } from './client/canonical-client.ts';
export { type ClientState, clientStateOf } from './client/client-state.ts';
export { decideClient, operatorCodeOf } from './client/decide-client.ts';
export type { Decision } from './decision.ts';
export { type LabelReading, readLabel, trimBlanks } from './label.ts';
export { isInsideWindow, nextWindowOpening } from './local-window.ts';
export { decideMailing } from './mailing/decide-mailing.ts';
export { type MailingState, mailingStateOf } from './mailing/mailing-state.ts';
export { audienceResolved, expiryDue, settlementDue, startDue } from './mailing/progress-mailing.ts';
export { canonicalTimezone } from './timezone.ts';
