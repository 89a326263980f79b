import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newPhone } from '../e2e/support/scenario.ts';
import { expectAllHeld } from '../resilience/support/expectations.ts';
import { tell } from '../resilience/support/progress.ts';
import { useStage } from '../resilience/support/stage.ts';
import { type ClusterSystem, startClusterSystem } from './support/cluster-system.ts';

const AWAY_MS = 20_000;

type Tried = { readonly key: string; readonly body: object; readonly status: number };

describe('a cluster that has lost its majority', () => {
  const stage = useStage();

  it('takes nothing for 20 s that it could not keep, says so, and goes on by itself', async () => {
    const system = stage.keep(await startClusterSystem());
    const { herald, cluster } = system;
    const trial = await stage.begin(herald, 'the majority away for 20 s');
    await herald.provider.behave({ latencyMs: 800 });
    await trial.start(8_000);
    await trial.untilAccepted(200);
    const [first, second] = cluster.nodes;
    let tried: readonly Tried[] = [];
    await trial.strike(`two nodes are away for ${AWAY_MS / 1_000} s`, async () => {
      await Promise.all([first?.kill(), second?.kill()]);
      const until = Date.now() + AWAY_MS;
      tried = await callMeanwhile(system);
      await sleep(Math.max(0, until - Date.now()));
      await Promise.all([first?.start(), second?.start()]);
      await cluster.untilInSync();
    });
    await trial.untilProgress(200);
    for (const { key, body, status } of tried) {
      const again = await herald.api.call('POST', '/clients', { body, headers: { 'idempotency-key': key } });
      expect(again.status, `${key} was answered ${status}`).toBe(201);
    }
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  });

  /** What the gateway says while no leader can be chosen: 503, and never that something is broken or not there. */
  async function callMeanwhile({ herald }: ClusterSystem): Promise<readonly Tried[]> {
    // Clients of a node that died have to find the one that is left first.
    await sleep(2_000);
    const writing = Array.from({ length: 5 }, async (_, index): Promise<Tried> => {
      const key = `majority-${index}`;
      const body = { phone: newPhone(), timezone: 'UTC', tag: 'majority' };
      const { status } = await herald.api.call('POST', '/clients', {
        body,
        headers: { 'idempotency-key': key },
      });
      return { key, body, status };
    });
    const ready = await herald.api.call('GET', '//readyz');
    const reading = await herald.api.call('GET', '/clients/00000000-0000-4000-8000-000000000000');
    const tried = await Promise.all(writing);
    tell(
      `meanwhile: ready ${ready.status}, GET ${reading.status}, POST ${tried.map(({ status }) => status)}`,
    );
    expect(ready.status).toBe(503);
    expect(reading.status).toBe(503);
    return tried;
  }
});
