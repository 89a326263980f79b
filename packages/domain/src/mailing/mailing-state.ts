import { type HeraldEvent, isMailingEvent, type Mailing } from '@herald/contracts';

/** A mailing as its last event tells it; `null` before the first. */
export interface MailingState {
  readonly mailing: Mailing;
  readonly recentCommands: readonly string[];
}

/**
 * The state that a mailing's last event tells: mailing events are fat, so none before it matters.
 *
 * @throws Error for an event that is no mailing's
 */
export function mailingStateOf(event: HeraldEvent): MailingState {
  if (!isMailingEvent(event)) throw new Error(`${event.type} stands on a mailing's subject`);
  return { mailing: event.data.mailing, recentCommands: event.data.recentCommands };
}
