import type { GatewayDependencies } from '../../http/context.ts';
import { loadMailing } from '../../reading/load-entity.ts';
import { readStatistics } from '../mailing-statistics/route.ts';
import { mayBeOver, type Snapshot, snapshotOf } from './snapshot.ts';

/**
 * Reads the statistics of a mailing for its streams; `null` where there never was such a mailing.
 *
 * @throws BrokerUnavailableError, QueryUnavailableError
 */
export async function readSnapshot(
  dependencies: GatewayDependencies,
  mailingId: string,
): Promise<Snapshot | null> {
  const statistics = await readStatistics(dependencies, mailingId);
  if (statistics === null) return null;
  if (!mayBeOver(statistics)) return snapshotOf(statistics, false);
  const mailing = await loadMailing(dependencies.broker, mailingId);
  // One that never started has nothing that could be settled.
  return snapshotOf(statistics, mailing?.settledAt != null || mailing?.startedAt == null);
}
