import { type Client, deriveId, type ImportRow } from '@herald/contracts';
import { type ClientState, decideClient } from '@herald/domain';
import { appendClientEvent } from '../clients/handle-client-command.ts';
import { loadClient } from '../clients/load-client.ts';
import { findResult } from '../commands/command-results.ts';
import type { Dependencies } from '../dependencies.ts';
import type { ImportCommand } from './import-command.ts';
import type { ImportTally } from './import-tally.ts';

const TRIES = 50;

/**
 * Gives a known client the attributes that a row names; what the row leaves out stays. A row that changes nothing
 * counts as taken and leaves no event. The client remembers rows, not chunks: a chunk that is carried out again after a
 * crash must not undo what came after it, and one phone may stand in several of its rows. A chunk may also be carried out
 * twice at once (its delivery was held up for longer than the ack wait): whoever is late finds the other's result, which is
 * what counts, and changes nothing more, since chunks that wait for this one may have come since.
 *
 * @returns null when taken, else why not
 */
export async function updateImported(
  dependencies: Dependencies,
  command: ImportCommand,
  row: ImportRow,
  clientId: string,
  tally: ImportTally,
): Promise<string | null> {
  const rowId = deriveId(command.id, 'row', String(row.line));
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { state, sequence } = await loadClient(dependencies.runtime.broker, clientId);
    if (state === null) {
      // Its phone is claimed by a registration that is still under way.
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    if (isAsWanted(state, row) || state.recentCommands.includes(rowId)) return null;
    // After the look at the client: a later chunk's change before it is seen here, one after it is a conflict.
    if ((await findResult(dependencies.database, command.id)) !== null) return null;
    const { line: _line, phone: _phone, ...changes } = row;
    const change = { type: 'ChangeClient' as const, data: { clientId, changes }, id: rowId };
    const decision = decideClient(state, change, dependencies.now());
    if (decision.kind === 'refused') return decision.refusal.code;
    const appended = await appendClientEvent(dependencies, command, decision.event, sequence);
    if (appended !== null) {
      tally.appended(appended);
      return null;
    }
  }
  return 'is being changed by others too often';
}

const isAsWanted = ({ client, removed }: ClientState, row: ImportRow): boolean =>
  !removed && (['timezone', 'operatorCode', 'tag'] as const).every((name) => isSame(client, row, name));

const isSame = (client: Client, row: ImportRow, name: 'timezone' | 'operatorCode' | 'tag'): boolean =>
  row[name] === undefined || row[name] === client[name];
