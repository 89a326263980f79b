import type { Bench, Scenario } from '../bench.ts';
import { interleave, perSecond, type RoundFigures } from '../measure/measured.ts';
import { runInsertRows } from '../processes/run-insert-rows.ts';
import { importAudience } from '../system/import-audience.ts';
import type { System } from '../system/system.ts';
import { whileDoing } from '../system/watch-usage.ts';

/** Nobody sends: what is measured is what comes before. */
export const WITHOUT_SENDERS = { args: ['--scale', 'sender=0'] };

/** Many clients from a CSV file: until the request is answered, and until the directory shows them. */
export const importing: Scenario = {
  names: ['import'],
  about: '--clients clients from CSV, until answered and until the directory shows them; plain inserts',
  isQuick: true,
  run: async (bench) => {
    const { rounds, clients } = bench.sizes;
    const system = await bench.systems.only(WITHOUT_SENDERS);
    const collected = await interleave(rounds, [
      async () => ({ 'rows (import)': await runInsertRows(bench, system, clients) }),
      (round) => measureImport(bench, system, `import-${round}`, clients),
    ]);
    return {
      collected,
      references: { 'import answered': 'rows (import)', 'import shown': 'rows (import)' },
    };
  },
};

async function measureImport(
  bench: Bench,
  system: System,
  tag: string,
  clients: number,
): Promise<RoundFigures> {
  const { result, usage } = await whileDoing(system, () => importAudience(bench, system, tag, clients));
  const { answeredMs, shownMs } = result;
  return {
    'import answered': { value: perSecond(clients, answeredMs), unit: 'clients/s' },
    'import shown': {
      value: perSecond(clients, shownMs),
      unit: 'clients/s',
      per: { thing: 'client', count: clients },
      usage,
      details: { behindMs: shownMs - answeredMs },
    },
  };
}
