import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { Herald } from '../e2e/support/herald.ts';
import { expectAllHeld } from './support/expectations.ts';
import { tell } from './support/progress.ts';
import { useTestBed } from './support/test-bed.ts';
import type { Trial } from './support/trial.ts';

const PHASE_MS = 8_000;
const OUTAGE_MS = 60_000;
/** Below one half, so that the breaker stays closed and calls go on meeting the fault. */
const OFTEN = 0.4;
/** A fault that so few calls met was none. */
const LEAST_STRUCK = 20;

type Phase = { readonly outcome: string; readonly behaviour: object; readonly lastsMs?: number };

const withFault = (fault: object, probability = OFTEN) => ({
  latencyMs: 300,
  rules: [{ probability, fault }],
});

const LOST_ANSWERS: readonly Phase[] = [
  { outcome: 'slow-drip', behaviour: withFault({ kind: 'slow-drip', bytesPerSecond: 2 }) },
  { outcome: 'reset-after', behaviour: withFault({ kind: 'reset-after' }) },
  { outcome: 'garbage', behaviour: withFault({ kind: 'garbage' }) },
  { outcome: 'truncated', behaviour: withFault({ kind: 'truncated' }) },
  { outcome: 'huge', behaviour: withFault({ kind: 'huge', bytes: 1_000_000_000 }) },
];

const failing = withFault({ kind: 'status', status: 500 }, 1);
const REFUSALS: readonly Phase[] = [
  { outcome: 'status-500', behaviour: failing, lastsMs: 2_500 },
  { outcome: 'status-500', behaviour: failing, lastsMs: 2_500 },
  { outcome: 'status-500', behaviour: failing, lastsMs: 2_500 },
  { outcome: 'status-429', behaviour: { latencyMs: 300, rateLimitPerSecond: 50, retryAfterSeconds: 2 } },
];

describe('a hostile provider', () => {
  const bed = useTestBed();
  let herald: Herald;
  beforeEach(async () => {
    herald = bed.keep(await Herald.start());
  });

  it('loses nobody to a provider that hangs, nor calls anybody after an end that comes meanwhile', async () => {
    const trial = await bed.begin(herald, 'hang');
    await herald.provider.behave({ latencyMs: 300 });
    await trial.start(5_000);
    const ending = await trial.start(3_000);
    await trial.untilAccepted(300);
    await trial.endIn(ending.id, 7_000);
    const hanging = {
      rules: [
        { probability: OFTEN, fault: { kind: 'hang', accepted: true } },
        { fault: { kind: 'hang', accepted: false } },
      ],
    };
    await strike(trial, { outcome: 'hang', behaviour: hanging, lastsMs: 15_000 });
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  });

  it('repeats under the same id what was accepted and never answered as it should be', async () => {
    const trial = await bed.begin(herald, 'lost answers');
    await herald.provider.behave({ latencyMs: 300 });
    await trial.start(14_000);
    await trial.untilAccepted(300);
    for (const phase of LOST_ANSWERS) await strike(trial, phase);
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  });

  it('repeats nothing that was refused twice over, and outlives an outage of a minute', async () => {
    const trial = await bed.begin(herald, 'refusals and an outage');
    await herald.provider.behave({ latencyMs: 300 });
    await trial.start(8_000);
    await trial.untilAccepted(300);
    for (const phase of REFUSALS) {
      await strike(trial, phase);
      await herald.provider.behave({ latencyMs: 300 });
      await trial.untilProgress(50);
    }
    await trial.strike('an outage of a minute', async () => {
      await herald.provider.behave({ outage: 'refuse' });
      await sleep(OUTAGE_MS);
      await herald.provider.behaveWell();
    });
    const verdict = await trial.verdict();
    expectAllHeld(verdict);
  });

  async function strike(trial: Trial, { outcome, behaviour, lastsMs = PHASE_MS }: Phase): Promise<void> {
    const met = async () => (await herald.provider.summary()).byOutcome[outcome] ?? 0;
    const before = await met();
    await trial.strike(outcome, async () => {
      await herald.provider.behave(behaviour);
      await sleep(lastsMs);
    });
    const struck = (await met()) - before;
    tell(`${outcome}: met by ${struck} calls`);
    expect(struck).toBeGreaterThanOrEqual(LEAST_STRUCK);
  }
});
