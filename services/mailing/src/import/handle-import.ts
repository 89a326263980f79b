import {
  type ClientEvent,
  type CommandOutcome,
  deriveId,
  type ImportRow,
  type RejectedLine,
} from '@herald/contracts';
import { decideClient } from '@herald/domain';
import { appendClientEvent } from '../clients/handle-client-command.ts';
import { loadClient } from '../clients/load-client.ts';
import {
  claimPhones,
  type PhoneClaim,
  type PhoneOwners,
  releasePhone,
} from '../clients/phone-reservations.ts';
import type { Dependencies } from '../dependencies.ts';
import type { ImportCommand } from './import-command.ts';
import { ImportTally } from './import-tally.ts';
import { IS_KNOWN, splitByPhone, takeCanonical } from './rows.ts';
import { tryImport } from './try-import.ts';
import { updateImported } from './update-imported.ts';

/** What the rows of a chunk have come to, and those that were rejected, by line. */
export interface ImportedChunk {
  readonly outcome: CommandOutcome;
  readonly rejected: readonly RejectedLine[];
}

/** Carries out one chunk of an import, or only says what it would come to. */
export async function handleImport(
  dependencies: Dependencies,
  command: ImportCommand,
): Promise<ImportedChunk> {
  const tally = new ImportTally();
  if (command.type === 'TryImport') await tryImport(dependencies, command, tally);
  else await takeRows(dependencies, command, tally);
  return { outcome: { kind: 'imported', summary: tally.summary() }, rejected: tally.rejected };
}

/**
 * Carries out one chunk of an import: claims all phones at once, appends the new clients side by side, then changes the
 * known ones where the person wanted that. A row that cannot be taken stops nothing else. Carried out again after a
 * crash it finds its own clients by their ids, which derive from the command and the line.
 */
async function takeRows(
  dependencies: Dependencies,
  command: ImportCommand,
  tally: ImportTally,
): Promise<void> {
  const { first, repeated } = splitByPhone(takeCanonical(command.data.rows, tally));
  const claims = first.map((row) => ({ phone: row.phone, clientId: newClientId(command, row), row }));
  const owners = await claimPhones(dependencies.database, claims);
  const isNew = ({ phone, clientId }: PhoneClaim): boolean => owners.get(phone) === clientId;
  const known = claims.filter((claim) => !isNew(claim)).map(({ row }) => row);
  await dependencies.importPace.inTurn(command.data.chunk, async () => {
    const registrations = claims.filter(isNew);
    await Promise.all(
      registrations.map(({ row, clientId }) => register(dependencies, command, row, clientId, tally)),
    );
  });
  known.sort((a, b) => a.line - b.line);
  for (const row of [...known, ...repeated]) await takeKnown(dependencies, command, row, owners, tally);
  if (tally.position > 0) dependencies.importPace.appended(tally.position, dependencies.now().getTime());
}

const newClientId = (command: ImportCommand, row: ImportRow): string =>
  deriveId(command.id, 'client', String(row.line));

async function register(
  dependencies: Dependencies,
  command: ImportCommand,
  row: ImportRow,
  clientId: string,
  tally: ImportTally,
): Promise<void> {
  const { line: _line, ...attributes } = row;
  const decision = decideClient(
    null,
    { type: 'RegisterClient', data: { ...attributes, clientId }, id: command.id },
    dependencies.now(),
  );
  if (decision.kind === 'refused') return tally.reject(row, decision.refusal.code);
  if (await appendOnce(dependencies, command, decision.event, clientId, tally)) tally.registered += 1;
  else tally.reject(row, 'the client was changed meanwhile');
}

/** @returns false where another command's event stands there */
async function appendOnce(
  dependencies: Dependencies,
  command: ImportCommand,
  event: ClientEvent,
  clientId: string,
  tally: ImportTally,
): Promise<boolean> {
  const sequence = await appendClientEvent(dependencies, command, event, 0);
  if (sequence !== null) {
    tally.appended(sequence);
    return true;
  }
  const { state, sequence: last } = await loadClient(dependencies.runtime.broker, clientId);
  const { phone } = event.data.client;
  const isUsed = state !== null && !state.removed && state.client.phone === phone;
  // Since then the client may have gone or taken another phone: then nobody else would free the one claimed anew.
  if (!isUsed) await releasePhone(dependencies.database, { phone, clientId }, last);
  // Our own append, before a crash: whatever came after it, the client was registered by this row.
  return state !== null;
}

async function takeKnown(
  dependencies: Dependencies,
  command: ImportCommand,
  row: ImportRow,
  owners: PhoneOwners,
  tally: ImportTally,
): Promise<void> {
  if (command.data.onDuplicate === 'reject') {
    return tally.reject(row, IS_KNOWN);
  }
  const owner = owners.get(row.phone);
  const refusal =
    owner === undefined
      ? 'is being given up, try again'
      : await updateImported(dependencies, command, row, owner, tally);
  if (refusal === null) tally.updated += 1;
  else tally.reject(row, `phone: ${refusal}`);
}
