import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { Herald } from '../e2e/support/herald.ts';
import { expectAllHeld } from './support/expectations.ts';
import { useTestBed } from './support/test-bed.ts';

const SLOW = { latencyMs: 800 };

describe('a sender that is frozen', () => {
  const bed = useTestBed();

  it('begins nothing more that another has taken over, nor anything of a mailing that has ended meanwhile', async () => {
    const herald = bed.keep(await Herald.start({ args: ['--scale', 'sender=2'] }));
    const trial = await bed.begin(herald, 'frozen past lease and ack wait');
    await herald.provider.behave(SLOW);
    await trial.start(8_000);
    const ending = await trial.start(3_000);
    await trial.untilAccepted(300);
    await trial.endIn(ending.id, 15_000);
    await sleep(trial.random.between(300, 1_000));
    await trial.freeze('sender-1', 40_000);
    await sleep(2_000);
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  });

  it('lets go what it held when its lease ran out, and nobody is lost', async () => {
    const herald = bed.keep(await Herald.start({ args: ['--scale', 'sender=2'] }));
    const trial = await bed.begin(herald, 'frozen past the lease only');
    await herald.provider.behave(SLOW);
    await trial.start(6_000);
    await trial.untilAccepted(trial.random.between(200, 500));
    const milliseconds = trial.random.between(21_000, 28_000);
    await trial.freeze('sender-1', milliseconds);
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  });
});
