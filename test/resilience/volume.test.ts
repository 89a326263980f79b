import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from '../e2e/support/herald.ts';
import { expectAllHeld } from './support/expectations.ts';
import { useTestBed } from './support/test-bed.ts';

const MANY = 50_000;
/** It takes more than the minute that all else has to drain in. */
const UNHURRIED = { drainedWithinMs: 120_000 };

describe('a mailing to 50,000', () => {
  let herald: Herald;
  beforeAll(async () => {
    herald = await Herald.start({ args: ['--scale', 'sender=2'] });
  });
  afterAll(async () => {
    await herald.stop();
  });
  const bed = useTestBed();

  it('is sent without a single duplicate while all services are restarted in good order', async () => {
    const trial = await bed.begin(herald, 'rolling restart');
    await herald.provider.behave({ latencyMs: 150 });
    await trial.start(MANY);
    await trial.untilAccepted(5_000);
    for (const part of ['gateway-1', 'mailing-1', 'scheduler-1', 'sender-1', 'sender-2', 'stats-1'])
      await trial.restart(part);
    await herald.provider.behaveWell();
    const verdict = await trial.verdict(UNHURRIED);
    expectAllHeld(verdict);
    expect(verdict.figures).toMatchObject({ planned: MANY, accepted: MANY, repeats: 0, unrecorded: 0 });
  });

  it('is sent to all, and to none twice, when every tenth call fails for now', async () => {
    const trial = await bed.begin(herald, 'one call of ten fails for now');
    const rules = [{ probability: 0.1, fault: { kind: 'status', status: 503 } }];
    await herald.provider.behave({ latencyMs: 20, rules, seed: trial.random.seed });
    await trial.start(MANY);
    await trial.untilAccepted(1_000);
    await trial.strike('one call of ten fails', () => trial.untilAccepted(MANY * 0.9, 180_000));
    const verdict = await trial.verdict(UNHURRIED);
    expectAllHeld(verdict);
    expect(verdict.figures).toMatchObject({ planned: MANY, accepted: MANY, repeats: 0 });
    expect(verdict.figures.requests).toBeGreaterThan(MANY * 1.05);
  });
});
