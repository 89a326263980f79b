import { EVENTS_STREAM } from '@herald/contracts';
import { describe, inject, it } from 'vitest';
import { expectAllHeld } from '../resilience/support/expectations.ts';
import { useTestBed } from '../resilience/support/test-bed.ts';
import { startClusterSystem } from './support/cluster-system.ts';

/**
 * The quick core of the cluster suite: what `npm test` runs. The races for clients meet each other in process only
 * here, and the log changes its leader in the middle of a mailing.
 */
const missing = inject('clusterServerMissing');
if (missing === null) await import('../e2e/directory.test.ts');

describe.skipIf(missing !== null)('core of the cluster suite', () => {
  const bed = useTestBed();

  it('loses nobody and repeats only what was lost when the leader of the log is killed', async () => {
    const { herald, cluster } = bed.keep(await startClusterSystem());
    const trial = await bed.begin(herald, 'the leader of the log killed');
    await herald.provider.behave({ latencyMs: 300 });
    await trial.start(4_000);
    await trial.untilAccepted(trial.random.between(200, 600));
    const leader = await cluster.leaderOf(EVENTS_STREAM);
    await trial.strike(`${leader.name} leads the log and is killed`, async () => {
      await leader.kill();
      await cluster.leaderOf(EVENTS_STREAM);
      await leader.start();
    });
    expectAllHeld(await trial.verdict());
  });
});
