import type { Mailing, MailingEvent } from '@herald/contracts';

/** A mailing as its last event tells it; `null` before the first. */
export interface MailingState {
  readonly mailing: Mailing;
  readonly recentCommands: readonly string[];
}

/** The state after an event. Mailing events are fat, so the state before does not matter. */
export const evolveMailing = (_state: MailingState | null, event: MailingEvent): MailingState => ({
  mailing: event.data.mailing,
  recentCommands: event.data.recentCommands,
});
