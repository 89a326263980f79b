import type { Bench, Scenario } from '../bench.ts';
import { interleave, type RoundFigures } from '../measure/measured.ts';
import { deliver } from '../system/deliver.ts';
import { ensureAudience } from '../system/import-audience.ts';
import { batchesOfEvents, writeOldLog } from '../system/old-log.ts';
import { expectAllOpen, openMailings } from '../system/open-mailings.ts';
import type { System } from '../system/system.ts';
import { AUDIENCE } from './delivery.ts';
import { FEW, FEW_CLIENTS } from './moments.ts';
import { measureStarts } from './starts.ts';

/** A mailing on a long log while many other mailings are open, beside the same one on an empty log. */
export const grown: Scenario = {
  names: ['grown'],
  about: 'a mailing on a log of --grown-events events with --grown-open open mailings; on an empty log',
  isQuick: false,
  run: async (bench) => {
    const { rounds, messages, grownEvents, grownOpen } = bench.sizes;
    await bench.systems.stopAll();
    const long = await bench.systems.beside('grown log', {});
    const events = await writeOldLog(bench, long, batchesOfEvents(grownEvents));
    const open = await openMailings(bench, long, grownOpen);
    const empty = await bench.systems.beside('empty log', {});
    for (const system of [empty, long]) {
      await ensureAudience(bench, system, FEW_CLIENTS, FEW);
      await ensureAudience(bench, system, AUDIENCE, messages);
    }
    const collected = await interleave(rounds, [
      () => measureMailings(bench, empty, 'empty log', {}),
      async () => {
        const figures = await measureMailings(bench, long, 'grown log', { events, open: open.length });
        await expectAllOpen(bench, long, open);
        return figures;
      },
    ]);
    return {
      collected,
      references: {
        'delivery, grown log': 'delivery, empty log',
        'start, grown log': 'start, empty log',
      },
    };
  },
};

async function measureMailings(
  bench: Bench,
  system: System,
  log: string,
  size: Record<string, number>,
): Promise<RoundFigures> {
  const start = await measureStarts(bench, system, FEW_CLIENTS);
  const { delivered } = await deliver(bench, system, AUDIENCE);
  return {
    [`start, ${log}`]: start,
    [`delivery, ${log}`]: { ...delivered, details: { ...delivered.details, ...size } },
  };
}
