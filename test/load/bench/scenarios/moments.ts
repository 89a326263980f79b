import type { Scenario } from '../bench.ts';
import { interleave, type Step } from '../measure/measured.ts';
import { ensureAudience } from '../system/import-audience.ts';
import { AUDIENCE } from './delivery.ts';
import { measurePauses } from './pauses.ts';
import { measureStarts, measureTimers } from './starts.ts';

/** Enough that all of it is sent at once. */
export const FEW = 10;
export const FEW_CLIENTS = 'few';

/** How late the first call of a mailing is, and how late the last one after a pause was answered. */
export const moments: Scenario = {
  names: ['starts', 'pause'],
  about: 'how late the first call is, and how long after a pause the last one is; a bare timer and call',
  isQuick: true,
  run: async (bench, wanted) => {
    const system = await bench.systems.only({});
    const steps: Step[] = [async () => ({ 'timer late': await measureTimers(bench, system) })];
    if (wanted.has('starts')) {
      await ensureAudience(bench, system, FEW_CLIENTS, FEW);
      steps.push(async () => ({ 'start late': await measureStarts(bench, system, FEW_CLIENTS) }));
    }
    if (wanted.has('pause')) {
      await ensureAudience(bench, system, AUDIENCE, bench.sizes.messages);
      steps.push(() => measurePauses(bench, system, AUDIENCE));
    }
    return {
      collected: await interleave(bench.sizes.rounds, steps),
      references: { 'start late': 'timer late', 'pause late': 'timer late' },
    };
  },
};
