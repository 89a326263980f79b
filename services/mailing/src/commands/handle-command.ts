import { type Command, type CommandResult, commandSubjects, eventSubjectOf } from '@herald/contracts';
import { handleClientCommand } from '../clients/handle-client-command.ts';
import { handleRegisterClient } from '../clients/handle-register-client.ts';
import { releaseStaleClaim } from '../clients/stale-claims.ts';
import type { Dependencies } from '../dependencies.ts';
import { handleImport } from '../import/handle-import.ts';
import { isImport } from '../import/import-command.ts';
import { storeChunk } from '../import/store-chunk.ts';
import { handleMailingCommand } from '../mailings/handle-mailing-command.ts';
import type { Carried } from './carried.ts';
import { lookForResult, storeResult } from './command-results.ts';
import { findUnfolded } from './told-result.ts';

/** Which aggregate a command is about: the commands of one are carried out one after another. */
export function aggregateOf(command: Command): string {
  switch (command.type) {
    case 'RegisterClient':
    case 'ChangeClient':
    case 'RemoveClient':
      return commandSubjects.client(command.data.clientId);
    case 'ImportClients':
    case 'TryImport':
      return commandSubjects.import(`${command.data.importId}.${command.data.chunk}`);
    case 'CreateMailing':
    case 'ChangeMailing':
    case 'DeleteMailing':
    case 'PauseMailing':
    case 'ResumeMailing':
      return commandSubjects.mailing(command.data.mailingId);
    default:
      return command satisfies never;
  }
}

/**
 * Carries a command out, once: a stored result is answered as it is, a decision that is in the log already is
 * recognised by the command ids that its state remembers. An event of the log is the result, too, and stored by the fold;
 * any other result is stored before it is answered.
 *
 * @throws what broker and database throw: the command was not carried out, or not to its end, and must come again
 */
export async function handleCommand(dependencies: Dependencies, command: Command): Promise<CommandResult> {
  const stored = await lookForResult(dependencies.database, command.id);
  if (stored.kind === 'stored') {
    await releaseStaleClaim(dependencies, command);
    return stored.result;
  }
  const carried = await carryOut(dependencies, command, stored.folded);
  if (carried.kind === 'known') {
    await releaseStaleClaim(dependencies, command);
    return carried.result;
  }
  const result = { commandId: command.id, fingerprint: command.fingerprint, outcome: carried.outcome };
  if (carried.kind === 'appended') return result;
  if (carried.outcome.kind === 'refused') {
    // Delivered twice at once, it may have been carried out by the other delivery while this one was decided.
    const other = await findUnfoldedOf(dependencies, command, stored.folded);
    if (other !== null) return other;
  }
  if (carried.kind === 'imported' && isImport(command)) {
    return storeChunk(dependencies.database, { command, result, rejected: carried.rejected });
  }
  return storeResult(dependencies.database, result);
}

async function findUnfoldedOf(
  { runtime }: Dependencies,
  command: Command,
  folded: number,
): Promise<CommandResult | null> {
  const subject = eventSubjectOf(command);
  return subject === null ? null : findUnfolded(runtime.broker, subject, command.id, folded);
}

/** @param folded the position of the directory when no result of the command was stored */
async function carryOut(dependencies: Dependencies, command: Command, folded: number): Promise<Carried> {
  switch (command.type) {
    case 'RegisterClient':
      return handleRegisterClient(dependencies, command, folded);
    case 'ChangeClient':
    case 'RemoveClient':
      return handleClientCommand(dependencies, command, folded);
    case 'ImportClients':
    case 'TryImport':
      return { kind: 'imported', ...(await handleImport(dependencies, command)) };
    case 'CreateMailing':
    case 'ChangeMailing':
    case 'DeleteMailing':
    case 'PauseMailing':
    case 'ResumeMailing':
      return handleMailingCommand(dependencies, command, folded);
    default:
      return command satisfies never;
  }
}
