import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Herald } from '../e2e/support/herald.ts';
import { rulesBroken } from './support/expectations.ts';
import { startSabotagedSender } from './support/sabotaged-sender.ts';
import { useTestBed } from './support/test-bed.ts';

/** That a sender which forgets is noticed is seen in the core already. */
describe('the checker itself', () => {
  const bed = useTestBed();

  it('notices a sender that goes on when its lease is lost', async () => {
    // One in order beside it, to take over what the frozen one held.
    const herald = bed.keep(await Herald.start());
    const trial = await bed.begin(herald, 'a sender without fencing');
    await herald.provider.behave({ latencyMs: 800 });
    const sabotaged = bed.keep(await startSabotagedSender(herald, 'fencing'));
    await trial.start(6_000);
    await trial.untilAccepted(300);
    await trial.freeze('sabotaged-sender', 38_000, sabotaged.pid);
    await sleep(5_000);
    expect(rulesBroken(await trial.verdictNow())).toContain('repeats only what was lost');
  });

  it('notices a sender that does not mind the end', async () => {
    const herald = bed.keep(await Herald.start({ args: ['--scale', 'sender=0'] }));
    const trial = await bed.begin(herald, 'a sender without an end');
    await herald.provider.behave({ latencyMs: 300 });
    bed.keep(await startSabotagedSender(herald, 'deadline'));
    const { id } = await trial.start(5_000);
    await trial.untilAccepted(300);
    await trial.endIn(id, 2_000);
    // The end in the log would stop it: the scheduler is late with that.
    await trial.freeze('scheduler-1', 4_000);
    expect(rulesBroken(await trial.verdict())).toContain('nothing after the end');
  });
});
