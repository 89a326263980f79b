import { setTimeout as sleep } from 'node:timers/promises';
import { CLAIMS_STREAM, COMMANDS_STREAM, EVENTS_STREAM } from '@herald/contracts';
import { describe, it } from 'vitest';
import { expectAllHeld } from '../resilience/support/expectations.ts';
import { useTestBed } from '../resilience/support/test-bed.ts';
import type { Trial } from '../resilience/support/trial.ts';
import { type ClusterSystem, startClusterSystem } from './support/cluster-system.ts';

const FROZEN_MS = 30_000;
const SLOW = { latencyMs: 800 };

describe('faults of a cluster in the middle of a mailing', () => {
  const bed = useTestBed();

  async function begin(title: string, recipients: number): Promise<ClusterSystem & { trial: Trial }> {
    const system = bed.keep(await startClusterSystem());
    const trial = await bed.begin(system.herald, title);
    await system.herald.provider.behave(SLOW);
    await trial.start(recipients);
    await trial.untilAccepted(200);
    return { ...system, trial };
  }

  async function finish({ herald, trial }: ClusterSystem & { trial: Trial }): Promise<void> {
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  }

  it('loses nobody when the leader of each stream is killed', async () => {
    const system = await begin('leaders killed', 10_000);
    const { trial, cluster } = system;
    for (const stream of [EVENTS_STREAM, CLAIMS_STREAM, COMMANDS_STREAM]) {
      const leader = await cluster.leaderOf(stream);
      await trial.strike(`${leader.name} leads ${stream} and is killed`, async () => {
        await leader.kill();
        await sleep(trial.random.between(0, 3_000));
        await leader.start();
        await cluster.untilInSync();
      });
      await trial.untilProgress(100);
    }
    await finish(system);
  });

  it('loses nobody when the node that leads the log is frozen for 30 s', async () => {
    const system = await begin('a node frozen', 8_000);
    const { trial, cluster } = system;
    const leader = await cluster.leaderOf(EVENTS_STREAM);
    await trial.strike(`${leader.name} leads ${EVENTS_STREAM} and is frozen`, async () => {
      leader.freeze();
      await sleep(FROZEN_MS);
      leader.thaw();
      await cluster.untilInSync();
    });
    await trial.untilProgress(200);
    await finish(system);
  });

  it('loses nobody when leaders are frozen so shortly that they still take themselves for leaders', async () => {
    const system = await begin('leaders frozen shortly', 10_000);
    const { trial, cluster } = system;
    for (const stream of [EVENTS_STREAM, CLAIMS_STREAM, EVENTS_STREAM]) {
      const leader = await cluster.leaderOf(stream);
      const forMs = trial.random.between(4_000, 12_000);
      await trial.strike(`${leader.name} leads ${stream} and is frozen for ${forMs} ms`, async () => {
        leader.freeze();
        await sleep(forMs);
        leader.thaw();
        await cluster.untilInSync();
      });
      await trial.untilProgress(100);
    }
    await finish(system);
  });

  it('loses nobody when one node after the other is restarted in good order', async () => {
    const system = await begin('a rolling restart', 10_000);
    const { trial, cluster } = system;
    for (const node of cluster.nodes) {
      await trial.strike(`${node.name} is restarted`, async () => {
        await node.stop();
        await node.start();
        await cluster.untilInSync();
      });
    }
    await trial.untilProgress(200);
    await finish(system);
  });

  it('loses nobody when a node comes back with nothing, and leads the log afterwards', async () => {
    const system = await begin('a node empty', 10_000);
    const { trial, cluster } = system;
    const leader = await cluster.leaderOf(EVENTS_STREAM);
    await trial.strike(`${leader.name} loses all its data`, async () => {
      await leader.kill();
      await leader.forget();
      await leader.start();
      await cluster.untilInSync();
    });
    await trial.untilProgress(200);
    await cluster.makeLeader(EVENTS_STREAM, leader);
    // They look whether it is the log that they have folded.
    for (const part of ['stats-1', 'mailing-1']) await trial.restart(part);
    await trial.untilProgress(200);
    await finish(system);
  });
});
