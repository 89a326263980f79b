import { type AcceptedNote, acceptedNote, COMMANDS_STREAM, commandSubjects } from '@herald/contracts';
import { type Broker, loadLastMessage, type OfferResult } from '@herald/event-log';
import type { GatewayParts } from '../http/context.ts';
import { reachBroker } from '../reading/reach-broker.ts';
import { within } from './within.ts';

/** The note is a courtesy to who asks later; nobody waits for it longer than this (milliseconds). */
const NOTE_WAIT_MS = 1_000;

/** Leaves the note of a command that was accepted. The writer keeps trying when it takes longer. */
export async function leaveNote(parts: GatewayParts, commandId: string, note: AcceptedNote): Promise<void> {
  const publishing = parts.writer.publish(commandSubjects.accepted(commandId), JSON.stringify(note));
  try {
    await within(publishing, NOTE_WAIT_MS);
  } catch (error) {
    parts.log.warn({ err: error, commandId }, 'the note of an accepted command could not be left');
  }
}

/**
 * Leaves a note if the log takes it in time.
 *
 * @throws BrokerUnavailableError when there is no connection
 */
export function offerNote(
  parts: GatewayParts,
  commandId: string,
  note: AcceptedNote,
  withinMs: number,
): Promise<OfferResult> {
  const subject = commandSubjects.accepted(commandId);
  return reachBroker(parts.broker, () => parts.writer.offer(subject, JSON.stringify(note), {}, withinMs));
}

/** Leaves the note of a command that was not acknowledged: behind it, so that it lands where the command does. */
export async function leaveUnsureNote(
  parts: GatewayParts,
  commandId: string,
  unsureOn: string,
): Promise<void> {
  const note = { kind: 'command', unsureOn } as const;
  try {
    await offerNote(parts, commandId, note, NOTE_WAIT_MS);
  } catch (error) {
    parts.log.warn({ err: error, commandId }, 'the note of a command that may be accepted could not be left');
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
