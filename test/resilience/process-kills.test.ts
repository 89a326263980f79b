import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { Herald } from '../e2e/support/herald.ts';
import { expectAllHeld } from './support/expectations.ts';
import { useTestBed } from './support/test-bed.ts';

const SERVICES = ['gateway-1', 'mailing-1', 'scheduler-1', 'sender-1', 'sender-2', 'stats-1'];
const TWO_SENDERS = ['--scale', 'sender=2'];
/** Two senders make 160 calls a second with it, so that a mailing outlasts its faults. */
const SLOW = { latencyMs: 800 };

describe('kill -9 of services', () => {
  const bed = useTestBed();

  it('loses nobody when every service is killed twice, in any order and at any moment', async () => {
    const herald = bed.keep(await Herald.start({ args: TWO_SENDERS }));
    const trial = await bed.begin(herald, 'every service killed twice');
    await herald.provider.behave(SLOW);
    await trial.start(10_000);
    await trial.untilAccepted(300);
    for (const part of trial.random.shuffled([...SERVICES, ...SERVICES])) {
      await sleep(trial.random.between(0, 1_500));
      await trial.kill(part);
    }
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  });

  it('calls nobody after the end when a mailing ends while services are being killed', async () => {
    const herald = bed.keep(await Herald.start({ args: TWO_SENDERS }));
    const trial = await bed.begin(herald, 'an end among kills');
    await herald.provider.behave(SLOW);
    await trial.start(5_000);
    const ending = await trial.start(3_000);
    await trial.untilAccepted(300);
    await trial.endIn(ending.id, 5_000);
    const end = Date.now() + 5_000;
    for (const part of ['sender-1', ...trial.random.shuffled(['mailing-1', 'scheduler-1', 'sender-2'])]) {
      // The last ones strike at the end itself, give or take a moment.
      const most = Math.max(0, end + 200 - Date.now());
      await sleep(part === 'sender-1' ? 500 : trial.random.between(most / 4, most / 2));
      await trial.kill(part);
    }
    await herald.provider.behaveWell();
    expectAllHeld(await trial.verdict());
  });
});
