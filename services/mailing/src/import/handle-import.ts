import { type ClientEvent, type CommandOutcome, deriveId, type ImportRow } from '@herald/contracts';
import { canonicalClient, decideClient } from '@herald/domain';
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
import { updateImported } from './update-imported.ts';

/**
 * Carries out one chunk of an import: claims all phones at once, appends the new clients side by side, then changes the
 * known ones where the person wanted that. A row that cannot be taken stops nothing else. Carried out again after a
 * crash it finds its own clients by their ids, which derive from the command and the line.
 */
export async function handleImport(
  dependencies: Dependencies,
  command: ImportCommand,
): Promise<CommandOutcome> {
  const tally = new ImportTally();
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
  return { kind: 'imported', summary: tally.summary() };
}

const newClientId = (command: ImportCommand, row: ImportRow): string =>
  deriveId(command.id, 'client', String(row.line));

/** The rows as they are stored. What no client can be is rejected here, before a phone is claimed for it. */
function takeCanonical(rows: readonly ImportRow[], tally: ImportTally): ImportRow[] {
  return rows.flatMap((row) => {
    const canonical = canonicalClient(row);
    if (canonical.kind === 'canonical') return [canonical.attributes];
    tally.reject(row.line, canonical.refusal.code);
    return [];
  });
}

/** The first row of each phone, and the later ones of phones that stand twice in the chunk. */
function splitByPhone(rows: readonly ImportRow[]): { first: ImportRow[]; repeated: ImportRow[] } {
  const seen = new Set<string>();
  const first: ImportRow[] = [];
  const repeated: ImportRow[] = [];
  for (const row of rows) {
    (seen.has(row.phone) ? repeated : first).push(row);
    seen.add(row.phone);
  }
  return { first, repeated };
}

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
  if (decision.kind === 'refused') return tally.reject(row.line, decision.refusal.code);
  if (await appendOnce(dependencies, command, decision.event, clientId, tally)) tally.registered += 1;
  else tally.reject(row.line, 'the client was changed meanwhile');
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
    return tally.reject(row.line, `phone: is in the directory already`);
  }
  const owner = owners.get(row.phone);
  const refusal =
    owner === undefined
      ? 'is being given up, try again'
      : await updateImported(dependencies, command, row, owner, tally);
  if (refusal === null) tally.updated += 1;
  else tally.reject(row.line, `phone: ${refusal}`);
}
