import {
  type Command,
  type CommandOutcome,
  eventSubjects,
  type MailingCommand,
  makeEvent,
} from '@herald/contracts';
import { decideMailing, type MailingState, mailingStateOf } from '@herald/domain';
import { appendExpecting, loadLast } from '@herald/event-log';
import { provenanceOf } from '../clients/handle-client-command.ts';
import { type Carried, carriedBefore } from '../commands/carried.ts';
import { outcomeOf } from '../commands/outcome-of-event.ts';
import type { Dependencies } from '../dependencies.ts';

/** How often a command is decided anew when others change its mailing at the same time; then it comes again later. */
const TRIES = 50;

/**
 * Carries out a command about one mailing: load, decide, append where nobody was faster.
 *
 * @param folded the position of the directory when no result of the command was stored
 */
export async function handleMailingCommand(
  dependencies: Dependencies,
  command: Command & MailingCommand,
  folded: number,
): Promise<Carried> {
  const { broker, writer } = dependencies.runtime;
  const { mailingId } = command.data;
  const subject = eventSubjects.mailing(mailingId);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const last = await loadLast(broker, subject);
    const state = last === null ? null : mailingStateOf(last.event);
    if (last !== null && state !== null) {
      const { recentCommands, mailing } = state;
      const found = {
        subject,
        sequence: last.sequence,
        recentCommands,
        present: present(command, mailing),
      };
      const before = await carriedBefore(dependencies, command, found, folded, isCarriedOut(command, state));
      if (before !== null) return before;
    }
    const now = dependencies.now();
    const decision = decideMailing(state, command, now);
    if (decision.kind === 'refused')
      return { kind: 'decided', outcome: { kind: 'refused', refusal: decision.refusal } };
    const event = makeEvent(decision.event, provenanceOf(command), now);
    const result = await appendExpecting(broker, writer, subject, event, last?.sequence ?? 0);
    if (result.kind === 'appended') return { kind: 'appended', outcome: outcomeOf(decision.event) };
  }
  throw new Error(`mailing ${mailingId} is being changed too often`);
}

/** A mailing's id derives from the command that creates it: where it is, that command was carried out. */
const isCarriedOut = (command: Command & MailingCommand, state: MailingState): boolean =>
  command.type === 'CreateMailing' || state.recentCommands.includes(command.id);

const present = (
  command: MailingCommand,
  mailing: Extract<CommandOutcome, { kind: 'mailing' }>['mailing'],
): CommandOutcome => (command.type === 'DeleteMailing' ? { kind: 'removed' } : { kind: 'mailing', mailing });
