import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { summarize } from './support/provider.ts';
import { Rest } from './support/rest.ts';
import { Scenario } from './support/scenario.ts';

const SCALE = 'gateway=2 mailing=2 scheduler=2 sender=3 stats=3';
const MESSAGES = 1_500;
/** What a killed sender makes uncertain: twice what it calls at once. */
const MOST_REPEATED = 2 * 64;

type Rebuild = {
  readonly state: string;
  readonly kind: string;
  readonly lanes: number;
  readonly endedAt: string | null;
  readonly differencesFound: number;
  readonly differences: readonly unknown[];
};

/** Several of each service, and statistics in sixteen lanes: what one of each comes to, while any of them dies. */
describe('many instances of each service', () => {
  let herald: Herald;
  let gateways: readonly Rest[];
  beforeAll(async () => {
    const args = SCALE.split(' ').flatMap((scale) => ['--scale', scale]);
    herald = await Herald.start({ args, environment: { STATS_LANES: '16' } });
    const { gateway } = await herald.describe();
    gateways = gateway.map((url) => new Rest(url));
  });
  afterAll(() => herald.stop());

  /** Sends to everyone of a scenario slowly enough that something can be done meanwhile. */
  async function begin(): Promise<{ readonly scenario: Scenario; readonly mailingId: string }> {
    const scenario = new Scenario(herald);
    await scenario.registerMany(MESSAGES);
    await herald.provider.behave({ latencyMs: 50 });
    const { id } = await scenario.createMailing({ rateLimit: 300 });
    await scenario.untilProviderGot(200);
    return { scenario, mailingId: id };
  }

  async function expectWhole(scenario: Scenario, mailingId: string, mostRepeated: number): Promise<void> {
    const stats = await scenario.untilAllEnded(mailingId, 90_000);
    expect(stats).toMatchObject({ planned: MESSAGES, counts: { sent: MESSAGES, queued: 0, unknown: 0 } });
    const { distinct, repeats } = summarize(await scenario.journal());
    expect(distinct).toBe(MESSAGES);
    expect(repeats).toBeLessThanOrEqual(mostRepeated);
    const messages = await scenario.messagesOf(mailingId);
    expect(new Set(messages.map(({ clientId }) => clientId)).size).toBe(MESSAGES);
    await everybodySays(mailingId);
  }

  /** Both gateways answer the same, whichever of the stats services answers them. */
  async function everybodySays(mailingId: string): Promise<void> {
    const questions = [`/mailings/${mailingId}/stats?by=timezone`, `/stats?limit=1`];
    for (const question of questions) {
      const told = await Promise.all(
        Array.from({ length: 6 }, (_, turn) => gateways[turn % gateways.length]?.get<object>(question)),
      );
      const [first, ...others] = told.map((answer) => ({ ...answer, asOf: '' }));
      for (const other of others) expect(other).toEqual(first);
    }
  }

  function jobEnded(): Promise<Rebuild> {
    const look = async () => {
      const { body, status } = await herald.api.call<Rebuild>('GET', '/admin/stats/rebuild');
      return status === 200 && body.endedAt !== null && body;
    };
    return eventually(look, { timeoutMs: 60_000, everyMs: 100, message: 'the rebuild is over' });
  }

  /** Nobody answers for a moment where the one that was asked has just been killed. */
  async function ask(path: string): Promise<void> {
    const accepted = async () => (await herald.api.call('POST', path)).status === 202;
    await eventually(accepted, { message: `POST ${path} is taken` });
  }

  it('deliver a mailing once to everybody while one of each is killed in the middle of it', async () => {
    const { scenario, mailingId } = await begin();
    for (const part of ['stats-1', 'mailing-1', 'scheduler-1', 'gateway-1', 'sender-2'])
      await herald.killAndAwaitReturn(part);
    await expectWhole(scenario, mailingId, MOST_REPEATED);
  });

  it('rebuild the statistics while a mailing is sent and two of three that fold are killed, and prove them', async () => {
    const { scenario, mailingId } = await begin();
    await ask('/admin/stats/rebuild?lanes=1');
    await herald.killAndAwaitReturn('stats-2');
    await herald.killAndAwaitReturn('stats-3');
    expect(await jobEnded()).toMatchObject({ state: 'done', lanes: 1, differences: [] });
    await ask('/admin/stats/rebuild?lanes=16');
    await herald.killAndAwaitReturn('stats-1');
    expect(await jobEnded()).toMatchObject({ state: 'done', lanes: 16, differences: [] });
    await expectWhole(scenario, mailingId, 0);
    await ask('/admin/stats/verify');
    expect(await jobEnded()).toMatchObject({ kind: 'verify', state: 'done', differences: [] });
  });
});
