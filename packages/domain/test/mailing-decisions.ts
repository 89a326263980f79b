import type { Mailing, MailingEvent } from '@herald/contracts';
import { decideMailing } from '../src/mailing/decide-mailing.ts';
import { specifying } from './decision-spec.ts';
import { aMailing, commandId, EARLIER } from './states.ts';

export type MailingCommand = Parameters<typeof decideMailing>[1];
type Changes = Extract<MailingCommand, { type: 'ChangeMailing' }>['data']['changes'];

export const given = specifying(decideMailing);
export const id = commandId('now');
export const mailingId = aMailing('scheduled').id;

export const change = (changes: Changes, expectedVersion?: number): MailingCommand => ({
  type: 'ChangeMailing',
  id,
  data: { mailingId, changes, expectedVersion },
});
export const pause: MailingCommand = { type: 'PauseMailing', id, data: { mailingId } };
export const resume: MailingCommand = { type: 'ResumeMailing', id, data: { mailingId } };
export const remove: MailingCommand = { type: 'DeleteMailing', id, data: { mailingId } };

/** What a command makes of a mailing. */
export function event(
  type: MailingEvent['type'],
  before: Mailing,
  changes: Partial<Mailing>,
  now: Date,
): MailingEvent {
  const mailing = { ...before, ...changes, version: before.version + 1, updatedAt: now.toISOString() };
  return { type, data: { mailing, recentCommands: [EARLIER, id] } };
}
