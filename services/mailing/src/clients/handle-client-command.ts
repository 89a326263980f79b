import {
  type ClientEvent,
  type Command,
  type CommandOutcome,
  eventSubjects,
  makeEvent,
  type Provenance,
} from '@herald/contracts';
import { type Decision, decideClient } from '@herald/domain';
import { appendExpecting } from '@herald/event-log';
import { type Carried, carriedBefore } from '../commands/carried.ts';
import { outcomeOf } from '../commands/outcome-of-event.ts';
import type { Dependencies } from '../dependencies.ts';
import { awaitRelease, isGivenUp } from './given-up-phones.ts';
import { foundClient, type LoadedClient, loadClient } from './load-client.ts';
import { claimOtherPhone, type PhoneClaim, releaseOtherPhone } from './phone-reservations.ts';

type ClientCommandMessage = Command<'ChangeClient' | 'RemoveClient'>;

/**
 * How often a command is decided anew when others change its client at the same time, or the directory has not yet freed
 * the phone that it wants; then it comes again later.
 */
export const TRIES = 50;

/**
 * Carries out a command about a client that is there: load, decide, claim the phone, append where nobody was faster. A command that
 * was carried out already is answered as it was.
 *
 * @param folded the position of the directory when no result of the command was stored
 */
export async function handleClientCommand(
  dependencies: Dependencies,
  command: ClientCommandMessage,
  folded: number,
): Promise<Carried> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const loaded = await loadClient(dependencies.runtime.broker, command.data.clientId);
    const { state, sequence } = loaded;
    const before =
      state === null
        ? null
        : await carriedBefore(dependencies, command, foundClient(state, sequence), folded);
    const carried = before ?? (await decideAndAppend(dependencies, command, loaded));
    if (carried !== null) return carried;
  }
  throw new Error(`client ${command.data.clientId} is being changed too often, or its phone is not free yet`);
}

/** @returns null where another append was faster, or the wanted phone is about to become free */
async function decideAndAppend(
  dependencies: Dependencies,
  command: ClientCommandMessage,
  loaded: LoadedClient,
): Promise<Carried | null> {
  const decision = decideClient(loaded.state, command, dependencies.now());
  if (decision.kind === 'refused') return refused(dependencies, command, decision, loaded.sequence);
  const claim = claimOf(decision.event);
  if (claim !== null) {
    const owner = await claimOtherPhone(dependencies.database, claim, command.id);
    if (owner !== claim.clientId) {
      // Between our look and the answer the owner may have gone: then decide again.
      if (owner === undefined) return null;
      if (await isGivenUp(dependencies, owner, claim.phone)) {
        await awaitRelease();
        return null;
      }
      return decided({ kind: 'refused', refusal: { code: 'phone-taken', clientId: owner } });
    }
  }
  const appended = await appendClientEvent(dependencies, command, decision.event, loaded.sequence);
  return appended === null ? null : { kind: 'appended', outcome: outcomeOf(decision.event) };
}

const decided = (outcome: CommandOutcome): Carried => ({ kind: 'decided', outcome });

/** @returns its position in the log, null where another append was faster */
export async function appendClientEvent(
  { runtime, now }: Dependencies,
  command: Command,
  event: ClientEvent,
  expectedSequence: number,
): Promise<number | null> {
  const envelope = makeEvent(event, provenanceOf(command), now());
  const subject = eventSubjects.client(event.data.client.id);
  const result = await appendExpecting(runtime.broker, runtime.writer, subject, envelope, expectedSequence);
  return result.kind === 'appended' ? result.sequence : null;
}

/** What the events that a command leads to say of where they come from. Of an import none is the result. */
export const provenanceOf = (command: Command): Provenance => ({
  source: 'mailing',
  correlationId: command.correlationid,
  causationId: command.id,
  ...(command.type === 'ImportClients' ? {} : { fingerprint: command.fingerprint }),
  actor: command.actor,
});

/** The phone that an event would give to a client that had another one before. */
function claimOf(event: ClientEvent): PhoneClaim | null {
  const { client } = event.data;
  switch (event.type) {
    case 'ClientChanged':
      return event.data.previousPhone === null ? null : { phone: client.phone, clientId: client.id };
    case 'ClientRegistered':
    case 'ClientRemoved':
      return null;
    default:
      return event satisfies never;
  }
}

/** A refusal after an earlier try had claimed a phone gives the phone back. */
async function refused(
  dependencies: Dependencies,
  command: ClientCommandMessage,
  decision: Decision<ClientEvent> & { kind: 'refused' },
  sequence: number,
): Promise<Carried> {
  if (command.type === 'ChangeClient' && command.data.changes.phone !== undefined) {
    const claim = { phone: command.data.changes.phone, clientId: command.data.clientId };
    await releaseOtherPhone(dependencies.database, claim, command.id, sequence);
  }
  return decided({ kind: 'refused', refusal: decision.refusal });
}
