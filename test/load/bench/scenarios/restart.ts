import type { Bench, Scenario } from '../bench.ts';
import { interleave, type Measured } from '../measure/measured.ts';
import { ensureAudience, untilShown } from '../system/import-audience.ts';
import type { System } from '../system/system.ts';
import { usageSinceStart } from '../system/watch-usage.ts';

const ON_THE_LOG = 'on-the-log';

/** How long a whole system takes from nothing running until all of it is ready, with a long log and with an empty one. */
export const restart: Scenario = {
  names: ['restart'],
  about: 'a start of everything on a log of --log-events events; the same on an empty log',
  isQuick: false,
  run: async (bench) => {
    const { rounds, logEvents } = bench.sizes;
    await bench.systems.stopAll();
    const empty = await bench.systems.beside('empty log', {});
    const long = await bench.systems.beside('long log', {});
    // Every client is an event.
    await ensureAudience(bench, long, ON_THE_LOG, logEvents);
    await Promise.all([empty.halt(), long.halt()]);
    const collected = await interleave(rounds, [
      async () => ({ 'restart, empty log': await measureRestart(empty) }),
      async () => ({ 'restart, long log': await measureRestart(long, () => expectAll(bench, long)) }),
    ]);
    return { collected, references: { 'restart, long log': 'restart, empty log' } };
  },
};

async function measureRestart(system: System, check = async (): Promise<void> => {}): Promise<Measured> {
  const begin = performance.now();
  await system.startAgain();
  const value = performance.now() - begin;
  const usage = await usageSinceStart(system);
  await check();
  await system.halt();
  return { value, unit: 'ms', per: { thing: 'restart', count: 1 }, usage };
}

/** @throws when a client is missing after the restart */
async function expectAll(bench: Bench, system: System): Promise<void> {
  await untilShown(bench, await system.api(bench.signal), ON_THE_LOG, system.audiences.get(ON_THE_LOG) ?? 0);
}
