import { setTimeout as sleep } from 'node:timers/promises';
import { CLAIMS_STREAM, COORDINATION_STREAM } from '@herald/contracts';
import { connectBroker } from '@herald/event-log';
import { eventually, startNatsCluster } from '@herald/testkit';
import { describe, expect, it } from 'vitest';
import { clusterBinary, environmentOf } from '../e2e/support/broker.ts';
import { Herald } from '../e2e/support/herald.ts';
import { Scenario } from '../e2e/support/scenario.ts';
import { useTestBed } from '../resilience/support/test-bed.ts';

const ALONE_MS = 8_000;

describe('a system that starts before its cluster has a leader', () => {
  const bed = useTestBed();

  it('waits for a majority, makes its streams, makes those again that are taken away, and sends', async () => {
    const cluster = bed.keep(await startNatsCluster(await clusterBinary()));
    const [, ...others] = cluster.nodes;
    for (const node of others) await node.stop();
    const starting = Herald.start({ environment: environmentOf(cluster) });
    const bothAgain = sleep(ALONE_MS).then(() => Promise.all(others.map((node) => node.start())));
    const [herald] = await Promise.all([starting, bothAgain]);
    bed.keep(herald);
    await cluster.untilInSync();

    const broker = await connectBroker({ url: cluster.url, name: 'test' });
    try {
      for (const name of [CLAIMS_STREAM, COORDINATION_STREAM]) await broker.manager.streams.delete(name);
      const scenario = new Scenario(herald);
      await scenario.registerMany(500);
      const { id } = await scenario.createMailing();
      expect(await scenario.untilAllEnded(id, 90_000)).toMatchObject({ planned: 500, counts: { sent: 500 } });
      await eventually(async () => {
        for (const name of [CLAIMS_STREAM, COORDINATION_STREAM]) {
          expect((await broker.manager.streams.info(name)).config.num_replicas).toBe(3);
        }
        return true;
      });
    } finally {
      await broker.connection.close();
    }
  });
});
