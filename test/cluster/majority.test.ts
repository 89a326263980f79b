import { setTimeout as sleep } from 'node:timers/promises';
import { CLAIMS_STREAM, COMMANDS_STREAM, EVENTS_STREAM } from '@herald/contracts';
import { eventually, type NatsNode } from '@herald/testkit';
import { describe, expect, it } from 'vitest';
import { newPhone } from '../e2e/support/scenario.ts';
import { expectAllHeld } from '../resilience/support/expectations.ts';
import { tell } from '../resilience/support/progress.ts';
import { useTestBed } from '../resilience/support/test-bed.ts';
import { type ClusterSystem, startClusterSystem } from './support/cluster-system.ts';

const AWAY_MS = 20_000;
const NOTICED_MS = 40_000;
/** The streams that readiness asks about. */
const ASKED = [EVENTS_STREAM, COMMANDS_STREAM, CLAIMS_STREAM];

type Tried = { readonly key: string; readonly body: object; readonly status: number };

describe('a cluster that has lost its majority', () => {
  const bed = useTestBed();

  it('takes nothing for 20 s that it could not keep, says so, and goes on by itself', async () => {
    const system = bed.keep(await startClusterSystem());
    const { herald, cluster } = system;
    const trial = await bed.begin(herald, 'the majority away for 20 s');
    await herald.provider.behave({ latencyMs: 800 });
    await trial.start(8_000);
    await trial.untilAccepted(200);
    const [first, second, third] = cluster.nodes;
    // The worst for whoever asks it: the one that is left led all that is asked about.
    for (const stream of ASKED) await cluster.makeLeader(stream, third as NatsNode);
    let tried: readonly Tried[] = [];
    await trial.strike(`two nodes are away for ${AWAY_MS / 1_000} s`, async () => {
      await Promise.all([first?.kill(), second?.kill()]);
      const until = Date.now() + AWAY_MS;
      tried = await callMeanwhile(system);
      await sleep(Math.max(0, until - Date.now()));
      // Whatever was written before: by now nobody leads, and the one that is left answers all the same.
      await eventually(async () => /has no leader/.test((await readiness(system)).streams), {
        timeoutMs: NOTICED_MS,
        everyMs: 250,
        message: '/readyz says that nobody leads',
      });
      await Promise.all([first?.start(), second?.start()]);
      await cluster.untilInSync();
    });
    await eventually(async () => (await readiness(system)).status === 200, { message: 'it is ready again' });
    await trial.untilProgress(200);
    for (const { key, body, status } of tried) {
      const again = await herald.api.call('POST', '/clients', { body, headers: { 'idempotency-key': key } });
      expect(again.status, `${key} was answered ${status}`).toBe(201);
    }
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  });

  async function readiness({ herald }: ClusterSystem): Promise<{ status: number; streams: string }> {
    const { status, body } = await herald.api.call('GET', '//readyz');
    const { problems } = body as { problems?: { streams?: string } };
    return { status, streams: problems?.streams ?? '' };
  }

  /** What the gateway says while no leader can be chosen: 503, and never that something is broken or not there. */
  async function callMeanwhile({ herald }: ClusterSystem): Promise<readonly Tried[]> {
    const writing = Array.from({ length: 5 }, async (_, index): Promise<Tried> => {
      const key = `majority-${index}`;
      const body = { phone: newPhone(), timezone: 'UTC', tag: 'majority' };
      const { status } = await herald.api.call('POST', '/clients', {
        body,
        headers: { 'idempotency-key': key },
      });
      return { key, body, status };
    });
    const tried = await Promise.all(writing);
    tell(`meanwhile: POST ${tried.map(({ status }) => status)}`);
    // Not acknowledged without a majority, so not 202, unless it was lost just behind the acknowledgement.
    for (const { status } of tried) expect([202, 503]).toContain(status);
    // The one that is left takes itself for a leader until it has heard of nobody for 10 to 20 s.
    for (const path of ['//readyz', '/clients/00000000-0000-4000-8000-000000000000']) {
      const isRefused = async () => (await herald.api.call('GET', path)).status === 503;
      await eventually(isRefused, {
        timeoutMs: NOTICED_MS,
        everyMs: 250,
        message: `${path} is answered 503`,
      });
    }
    return tried;
  }
});
