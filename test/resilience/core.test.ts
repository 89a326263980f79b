import { describe, expect, it } from 'vitest';
import { Herald } from '../e2e/support/herald.ts';
import { expectAllHeld, rulesBroken } from './support/expectations.ts';
import { startSabotagedSender } from './support/sabotaged-sender.ts';
import { useTestBed } from './support/test-bed.ts';

/**
 * The quick core of the fault suite: what `npm test` runs. Broker and sender die in one mailing, since both wait half
 * a minute for the batches that were in hand, and the checker is seen to notice a sender that forgets.
 */
describe('core of the fault suite', () => {
  const bed = useTestBed();

  it('loses nobody and repeats only what was lost when a sender and the broker are killed', async () => {
    const herald = bed.keep(await Herald.start());
    const trial = await bed.begin(herald, 'sender and broker killed');
    await herald.provider.behave({ latencyMs: 150 });
    await trial.start(3_000);
    await trial.untilAccepted(trial.random.between(200, 600));
    await trial.kill('sender-1');
    await trial.untilProgress(trial.random.between(100, 400));
    await trial.kill('nats-server');
    expectAllHeld(await trial.verdict());
  });

  it('has a checker that notices a sender which forgets what it has recorded', async () => {
    const herald = bed.keep(await Herald.start({ args: ['--scale', 'sender=0'] }));
    const trial = await bed.begin(herald, 'a sender that forgets');
    // Refusals bring batches back, which is when a sender has to look.
    await herald.provider.behave({ rules: [{ probability: 0.2, fault: { kind: 'status', status: 503 } }] });
    bed.keep(await startSabotagedSender(herald, 'idempotence'));
    await trial.start(1_000);
    await trial.untilRequested(2_000);
    expect(rulesBroken(await trial.verdictNow())).toContain('repeats only what was lost');
  });
});
