import type { Client } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { LimitedBroker } from './support/limited-broker.ts';
import { summarize } from './support/provider.ts';
import type { Problem } from './support/rest.ts';
import { newPhone, Scenario } from './support/scenario.ts';

const MIB = 1_024 * 1_024;
const MESSAGES = 300;

/** The whole system on a NATS server whose store is small. */
describe('a full log', () => {
  let broker: LimitedBroker;
  let herald: Herald;
  beforeAll(async () => {
    broker = await LimitedBroker.start(24 * MIB);
    herald = await Herald.start({
      environment: { NATS_URL: broker.url, COMMANDS_MAX_BYTES: String(8 * MIB) },
    });
  });
  afterAll(async () => {
    await herald.stop();
    await broker.stop();
  });

  const readiness = async () => (await herald.api.call('GET', '//readyz')).status;

  it.each([
    ['when room is made', () => broker.makeRoom()],
    ['when the server starts again with a larger limit', () => broker.restart(64 * MIB)],
  ])('accepts nothing, loses nothing, and everything goes on by itself %s', async (_title, makeRoom) => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(MESSAGES);
    await herald.provider.behave({ latencyMs: 1_500 });
    const { id } = await scenario.createMailing();
    await scenario.untilProviderGot(20);
    await broker.fill();

    const write = {
      body: { phone: newPhone(), timezone: 'UTC', tag: scenario.tag },
      headers: { 'idempotency-key': `full-${scenario.tag}` },
    };
    const refused = await herald.api.call<Problem>('POST', '/clients', write);
    expect(refused).toMatchObject({ status: 503, body: { code: 'log-full' } });
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect(await readiness()).toBe(503);
    // Calls that were under way when the store became full have their outcomes in hand by now.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await herald.provider.behaveWell();

    await makeRoom();
    await eventually(async () => (await readiness()) === 200, { timeoutMs: 60_000 });
    const created = await herald.api.expect<Client>('POST', '/clients', write);
    expect(await herald.api.expect<Client>('POST', '/clients', write)).toEqual(created);
    const { status, planned, counts } = await scenario.untilAllEnded(id, 90_000);
    expect({ status, planned, sent: counts.sent }).toEqual({
      status: 'completed',
      planned: MESSAGES,
      sent: MESSAGES,
    });
    expect(summarize(await scenario.journal())).toMatchObject({ distinct: MESSAGES, repeats: 0 });
  });
});
