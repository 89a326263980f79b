import { findNote } from '../../commands/accepted-note.ts';
import { askUntilSaid } from '../../commands/pending-result.ts';
import type { GatewayDependencies } from '../../http/context.ts';
import { makeProblem, ProblemError } from '../../problems/problem.ts';
import { BrokerUnavailableError } from '../../reading/reach-broker.ts';

/**
 * When an import has begun (ISO 8601): now, or when it was sent under this key first.
 *
 * The note that an import leaves at its begin says whose a key is. Where there is none the key may belong to another call,
 * and nothing is accepted while nobody can say. Nobody can while the directory is behind the log, as another import may
 * make it for some seconds: it is asked again for COMMAND_WAIT_MS.
 *
 * @throws BrokerUnavailableError when there is no connection, QueryUnavailableError when nobody can say: nothing is
 *   accepted; ProblemError when the key was used for another call: that was answered 202, or has a result.
 */
export async function beginningOf(
  dependencies: GatewayDependencies,
  importId: string,
  keyed: boolean,
): Promise<string> {
  if (!dependencies.broker.isConnected()) throw new BrokerUnavailableError('not connected to the broker');
  const now = dependencies.now().toISOString();
  if (!keyed) return now;
  const note = await findNote(dependencies.broker, importId);
  if (note !== null && note.kind !== 'command') return note.order?.startedAt ?? now;
  if (note === null) {
    const ending = AbortSignal.any([dependencies.stopping, AbortSignal.timeout(dependencies.commandWaitMs)]);
    if ((await askUntilSaid(dependencies, { commandId: importId }, ending)) === null) return now;
  }
  const detail = 'Another call was sent under this Idempotency-Key.';
  throw new ProblemError(makeProblem('idempotency-key-reused', detail));
}
