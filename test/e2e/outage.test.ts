import type { Client } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { reportMeasurement } from './support/measurement.ts';
import { summarize } from './support/provider.ts';
import { newPhone, Scenario } from './support/scenario.ts';

type CommandState = {
  readonly id: string;
  readonly status: 'accepted' | 'done' | 'refused';
  readonly result?: Partial<Client> & { readonly code?: string };
};

/** What a crash may make uncertain: the calls that one sender has in flight. */
const MOST_IN_FLIGHT = 64;
const MESSAGES = 600;

describe('outages of single parts', () => {
  let herald: Herald;
  beforeAll(async () => {
    herald = await Herald.start();
  });
  afterEach(async () => {
    await herald.provider.behaveWell();
  });
  afterAll(async () => {
    await herald.stop();
  });

  it('accepts writes while the mailing service does not answer, and carries them out afterwards', async () => {
    const { tag } = new Scenario(herald);
    const call = {
      body: { phone: newPhone(), timezone: 'UTC', tag },
      headers: { 'idempotency-key': `outage-${tag}` },
    };
    await herald.signal('mailing-1', 'SIGSTOP');
    let location = '';
    try {
      const accepted = await herald.api.call<CommandState>('POST', '/clients', call);
      expect(accepted).toMatchObject({ status: 202, body: { status: 'accepted' } });
      location = String(accepted.headers.location);
      expect(location).toBe(`/api/v1/commands/${accepted.body.id}`);
      const meanwhile = await herald.api.get<CommandState>(`/commands/${accepted.body.id}`);
      expect(meanwhile).toEqual({ id: accepted.body.id, status: 'accepted' });
    } finally {
      await herald.signal('mailing-1', 'SIGCONT');
    }
    const path = location.replace('/api/v1', '');
    const isDone = async () => {
      const state = await herald.api.get<CommandState>(path);
      return state.status === 'done' && state;
    };
    const done = await eventually(isDone, { timeoutMs: 20_000, message: 'the command is carried out' });
    expect(done.result).toMatchObject({ phone: call.body.phone, tag, version: 1 });
    expect(await herald.api.get(`/clients/${done.result?.id}`)).toEqual(done.result);
    const repeated = await herald.api.call('POST', '/clients', call);
    expect(repeated).toMatchObject({ status: 201, body: done.result });
  });

  it.each(['mailing-1', 'scheduler-1', 'stats-1', 'gateway-1', 'postgres'])(
    'finishes a mailing with nobody lost and nobody called twice when %s is killed in the middle of it',
    async (part) => {
      const struck = await killInTheMiddle(part);
      await expectNobodyLost(struck, 0);
    },
  );

  /**
   * Together, since both wait until the broker takes the batches that were in hand for given up: half a minute. The
   * sender first: what it has in flight may be of any mailing.
   */
  it('finishes mailings with nobody lost when sender-1 and then nats-server are killed in the middle of them', async () => {
    const bySender = await killInTheMiddle('sender-1');
    const byBroker = await killInTheMiddle('nats-server');
    await expectNobodyLost(bySender, MOST_IN_FLIGHT);
    await expectNobodyLost(byBroker, 0);
  });

  type Struck = {
    readonly part: string;
    readonly scenario: Scenario;
    readonly mailingId: string;
    readonly killedAt: number;
  };

  async function killInTheMiddle(part: string): Promise<Struck> {
    const scenario = new Scenario(herald);
    await eventually(() => scenario.registerMany(MESSAGES), { timeoutMs: 20_000 });
    await herald.provider.behave({ latencyMs: 250 });
    const { id } = await scenario.createMailing();
    await scenario.untilProviderGot(MESSAGES / 6);
    const killedAt = performance.now();
    await herald.killAndAwaitReturn(part);
    reportMeasurement(`${part} killed to back, ms`, performance.now() - killedAt);
    return { part, scenario, mailingId: id, killedAt };
  }

  async function expectNobodyLost(struck: Struck, mostRepeats: number): Promise<void> {
    const { part, scenario, mailingId, killedAt } = struck;
    const { status, planned, counts } = await scenario.untilAllEnded(mailingId, 90_000);
    reportMeasurement(`${part} killed to completed, ms`, performance.now() - killedAt);
    expect({ status, planned, sent: counts.sent }).toEqual({
      status: 'completed',
      planned: MESSAGES,
      sent: MESSAGES,
    });
    const { distinct, repeats } = summarize(await scenario.journal());
    reportMeasurement(`${part} killed: repeated calls`, repeats);
    expect(distinct).toBe(MESSAGES);
    expect(repeats).toBeLessThanOrEqual(mostRepeats);
  }

  it('starts a mailing whose moment came while the scheduler was away', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerOne();
    const startAt = new Date(Date.now() + 600).toISOString();
    const mailing = await scenario.createMailing({ startAt });
    await herald.killAndAwaitReturn('scheduler-1');
    const { counts } = await scenario.untilAllEnded(mailing.id);
    expect(counts.sent).toBe(1);
    const [first] = await scenario.journal();
    expect(first?.at).toBeGreaterThanOrEqual(Date.parse(startAt));
  });
});
