import { importRecordQuery } from '@herald/contracts';
import { findNote } from '../commands/accepted-note.ts';
import type { GatewayDependencies } from '../http/context.ts';
import { API } from '../http/route.ts';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import { askService } from '../reading/reach-broker.ts';
import type { ImportState } from '../schemas/import-result.ts';
import { describeLive, describeStored } from './describe-import.ts';
import { askLiveImport } from './live-import.ts';

/** Where an import is found as long as its results are kept. */
export const importLocation = (importId: string): string => `${API}/imports/${importId}`;

/**
 * An import as it is now.
 *
 * @throws ProblemError 404 where there is none; BrokerUnavailableError; QueryUnavailableError where no gateway works on it
 *   and the mailing service is away: nobody else knows what became of its lines
 */
export async function findImport(dependencies: GatewayDependencies, id: string): Promise<ImportState> {
  const live = await askLiveImport(dependencies, id);
  if (live !== null) return describeLive(id, live);
  const note = await findNote(dependencies.broker, id);
  const stored = await askService(dependencies, importRecordQuery, { importId: id });
  const state = describeStored(id, note, stored);
  if (state === null) throw new ProblemError(makeProblem('import-not-found', 'No import has this id.'));
  if (state.state !== 'interrupted') return state;
  // It may have begun, or been taken up again, since it was looked for.
  const begun = await askLiveImport(dependencies, id);
  return begun === null ? state : describeLive(id, begun);
}
