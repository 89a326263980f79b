import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { expectAllHeld } from './support/expectations.ts';
import { type Line, startProxiedSystem } from './support/proxied-system.ts';
import { useTestBed } from './support/test-bed.ts';

const CUT_MS = 30_000;
const SLOW = { latencyMs: 800 };
const MODES = {
  refusing: 'cut and refused for 30 s',
  swallowing: 'a black hole for 30 s',
} as const;

describe('connections that are cut', () => {
  const bed = useTestBed();

  it.each<Line>(['nats', 'postgres', 'provider'])(
    'loses nobody when the line to %s is cut, and later swallows everything',
    async (line) => {
      const system = bed.keep(await startProxiedSystem(['--scale', 'sender=2']));
      const { herald, lines } = system;
      const trial = await bed.begin(herald, `the line to ${line}`);
      await herald.provider.behave(SLOW);
      await trial.start(8_000);
      const ending = await trial.start(2_000);
      await trial.untilAccepted(300);
      await trial.endIn(ending.id, 10_000);
      for (const mode of ['refusing', 'swallowing'] as const) {
        await sleep(trial.random.between(200, 2_000));
        const what = `the line to ${line}: ${MODES[mode]}`;
        const during = async () => {
          await lines[line].turn(mode);
          await sleep(CUT_MS);
          await lines[line].turn('passing');
        };
        if (line === 'provider' && mode === 'swallowing') await trial.holdUp(what, during);
        else await trial.strike(what, during);
        await trial.untilProgress(200);
      }
      await herald.provider.behaveWell();
      expectAllHeld(await trial.verdict());
    },
  );
});
