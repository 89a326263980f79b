import {
  type AcceptedNote,
  acceptedNote,
  COMMANDS_STREAM,
  type Command,
  commandSubjects,
  eventSubjectOf,
} from '@herald/contracts';
import { type Broker, loadLastMessage, type OfferResult } from '@herald/event-log';
import type { GatewayDependencies } from '../http/context.ts';
import { reachBroker } from '../reading/reach-broker.ts';
import { within } from './within.ts';

/** The note is a courtesy to who asks later; nobody waits for it longer than this (milliseconds). */
const NOTE_WAIT_MS = 1_000;

/** Of one command so many former notes are deleted at the most; repeats at the same moment leave more than one. */
const MOST_FORMER_NOTES = 100;

/**
 * Leaves the note of a command that was accepted, and deletes the former ones when it is stored: notes take room from
 * commands for days. The writer keeps trying when it takes longer.
 */
export async function leaveNote(
  dependencies: GatewayDependencies,
  commandId: string,
  note: AcceptedNote,
): Promise<void> {
  try {
    await within(replaceNote(dependencies, commandId, note), NOTE_WAIT_MS);
  } catch (error) {
    dependencies.log.warn({ err: error, commandId }, 'the note of an accepted command could not be left');
  }
}

/** Where the events of a command's entity stand, for its note: there its result is found that is not folded yet. */
export function subjectOf(command: Command): { subject?: string } {
  const subject = eventSubjectOf(command);
  return subject === null ? {} : { subject };
}

async function replaceNote(
  { broker, writer }: GatewayDependencies,
  commandId: string,
  note: AcceptedNote,
): Promise<void> {
  const subject = commandSubjects.accepted(commandId);
  const stored = await writer.publish(subject, JSON.stringify(note));
  if (stored.kind !== 'stored') return;
  const { streams } = broker.manager;
  const query = { seq: 1, next_by_subj: subject };
  for (let deleted = 0; deleted < MOST_FORMER_NOTES; deleted += 1) {
    const former = await streams.getMessage(COMMANDS_STREAM, query);
    if (former === null || former.seq >= stored.sequence) return;
    // One by one: a purge makes servers before 2.10 forget every delivery that is under way.
    await streams.deleteMessage(COMMANDS_STREAM, former.seq, false);
  }
}

/**
 * Leaves a note if the log takes it in time.
 *
 * @throws BrokerUnavailableError when there is no connection
 */
export function offerNote(
  dependencies: GatewayDependencies,
  commandId: string,
  note: AcceptedNote,
  withinMs: number,
): Promise<OfferResult> {
  const subject = commandSubjects.accepted(commandId);
  return reachBroker(dependencies.broker, () =>
    dependencies.writer.offer(subject, JSON.stringify(note), {}, withinMs),
  );
}

/** Leaves the note of a command that was not acknowledged: behind it, so that it lands where the command does. */
export async function leaveUnsureNote(
  dependencies: GatewayDependencies,
  command: Command,
  unsureOn: string,
): Promise<void> {
  const note = { kind: 'command', unsureOn, ...subjectOf(command) } as const;
  try {
    await offerNote(dependencies, command.id, note, NOTE_WAIT_MS);
  } catch (error) {
    dependencies.log.warn(
      { err: error, commandId: command.id },
      'the note of a command that may be accepted could not be left',
    );
  }
}

/**
 * The note of a command, or `null` when none was left.
 *
 * @throws BrokerUnavailableError
 */
export async function findNote(broker: Broker, commandId: string): Promise<AcceptedNote | null> {
  const subject = commandSubjects.accepted(commandId);
  const stored = await reachBroker(broker, () => loadLastMessage(broker, COMMANDS_STREAM, subject));
  return stored === null ? null : acceptedNote.parse(JSON.parse(stored.string()));
}
