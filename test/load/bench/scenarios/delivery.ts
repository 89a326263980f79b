import type { Scenario } from '../bench.ts';
import { interleave, type Step } from '../measure/measured.ts';
import { runLoop } from '../processes/run-loop.ts';
import { runPeer } from '../processes/run-peer.ts';
import { deliver } from '../system/deliver.ts';
import { ensureAudience } from '../system/import-audience.ts';
import { lateness } from './lateness.ts';

/** As many calls at once as one sender makes unless told otherwise. */
export const AT_ONCE = 64;
export const AUDIENCE = 'delivery';

/** One message to each of many clients, end to end, beside the bare loop and beside graphile-worker. */
export const delivery: Scenario = {
  names: ['loop', 'delivery', 'peer'],
  about: 'one message to each of --messages clients; the bare loop; graphile-worker',
  isQuick: true,
  run: async (bench, wanted) => {
    const { rounds, messages } = bench.sizes;
    const system = await bench.systems.only({});
    const steps: Step[] = [async () => ({ loop: await runLoop(bench, system, messages, AT_ONCE) })];
    if (wanted.has('delivery')) {
      await ensureAudience(bench, system, AUDIENCE, messages);
      steps.push(async () => {
        const { delivered, behindMs } = await deliver(bench, system, AUDIENCE);
        system.fullSpeed = delivered.value;
        // A delivery that is over at the first look tells nothing of it.
        const behind = behindMs.length === 0 ? {} : { 'statistics behind': lateness(behindMs) };
        return { delivery: delivered, ...behind };
      });
    }
    if (wanted.has('peer')) {
      steps.push(async () => ({ peer: await runPeer(bench, system, messages, AT_ONCE) }));
    }
    return {
      collected: await interleave(rounds, steps),
      references: { delivery: 'loop', peer: 'loop' },
    };
  },
};
