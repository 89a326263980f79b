import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { reportMeasurement } from './support/measurement.ts';
import { summarize } from './support/provider.ts';
import { inMs, Scenario } from './support/scenario.ts';

const MESSAGES = 1_000;
/** Calls of one sender whose answers nobody has heard. */
const MOST_IN_FLIGHT = 64;

describe('a power cut', () => {
  let herald: Herald;
  beforeAll(async () => {
    herald = await Herald.start();
  });
  afterAll(async () => {
    await herald.stop();
  });

  it('loses nobody of a mailing when every process is killed in the middle of it', async () => {
    const scenario = new Scenario(herald);
    const phones = await scenario.registerMany(MESSAGES);
    const later = new Scenario(herald);
    await later.registerMany(5);
    await herald.provider.behave({ latencyMs: 250 });
    const mailing = await scenario.createMailing();
    const scheduled = await later.createMailing({ startAt: inMs(4_000) });
    await scenario.untilProviderGot(MESSAGES / 4);
    const begin = performance.now();
    await herald.killEverything();
    await herald.startAgain();
    reportMeasurement('power cut to ready again, ms', performance.now() - begin);
    const found = await eventually(() => scenario.mailing(mailing.id), { timeoutMs: 20_000 });
    expect(found).toMatchObject({ id: mailing.id, text: scenario.text });
    const { status, planned, counts } = await scenario.untilAllEnded(mailing.id, 90_000);
    reportMeasurement('power cut to completed, ms', performance.now() - begin);
    expect({ status, planned, sent: counts.sent }).toEqual({
      status: 'completed',
      planned: MESSAGES,
      sent: MESSAGES,
    });
    const journal = await scenario.journal();
    const { distinct, repeats } = summarize(journal);
    reportMeasurement('power cut: repeated calls', repeats);
    expect(distinct).toBe(MESSAGES);
    expect(repeats).toBeLessThanOrEqual(MOST_IN_FLIGHT);
    expect(new Set(journal.map(({ phone }) => String(phone)))).toEqual(new Set(phones));
    expect((await later.untilAllEnded(scheduled.id)).counts.sent).toBe(5);
  });
});
