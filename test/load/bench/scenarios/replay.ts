import type { Bench, Scenario } from '../bench.ts';
import { interleave, perSecond, type RoundFigures } from '../measure/measured.ts';
import { runInsertRows } from '../processes/run-insert-rows.ts';
import { deliver } from '../system/deliver.ts';
import { ensureAudience } from '../system/import-audience.ts';
import { readTotals, rebuildStatistics } from '../system/rebuild-statistics.ts';
import type { System } from '../system/system.ts';
import { whileDoing } from '../system/watch-usage.ts';
import { AUDIENCE } from './delivery.ts';

/** As in the log of the old form, of which `replay-old` is: an event of each client would be most of a log otherwise. */
const CLIENTS = 100_000;

/** The statistics from the first event of the log on, beside those that are served: folded, compared, and served. */
export const replay: Scenario = {
  names: ['replay'],
  about: 'the statistics built again from the whole log of deliveries; plain inserts',
  isQuick: true,
  run: async (bench) => {
    const { rounds, messages } = bench.sizes;
    const system = await bench.systems.only({});
    await ensureAudience(bench, system, AUDIENCE, Math.min(messages, CLIENTS));
    // What no other scenario has left there.
    while ((await readTotals(bench, system)).planned < messages) await deliver(bench, system, AUDIENCE);
    const collected = await interleave(rounds, [
      async () => ({ 'rows (replay)': await runInsertRows(bench, system, messages) }),
      () => measureReplay(bench, system, 'replay'),
    ]);
    return {
      collected,
      references: { 'replay events': 'rows (replay)', 'replay outcomes': 'rows (replay)' },
    };
  },
};

/**
 * @param name with which both figures begin
 * @throws when the statistics come out otherwise than they were
 */
export async function measureReplay(bench: Bench, system: System, name: string): Promise<RoundFigures> {
  const before = await readTotals(bench, system);
  const { result, usage } = await whileDoing(system, () => rebuildStatistics(bench, system), ['stats-1']);
  const after = await readTotals(bench, system);
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    throw new Error(`A replay came to ${JSON.stringify(after)} instead of ${JSON.stringify(before)}.`);
  }
  const outcomes = before.planned - before.queued;
  return {
    [`${name} events`]: {
      value: perSecond(result.events, result.tookMs),
      unit: 'events/s',
      // A small log may have been folded before it was first looked at.
      per: { thing: 'event', count: Math.max(1, result.events) },
      usage,
      details: { events: result.events, seconds: result.tookMs / 1_000 },
    },
    [`${name} outcomes`]: {
      value: perSecond(outcomes, result.tookMs),
      unit: 'outcomes/s',
      per: { thing: 'outcome', count: outcomes },
      usage,
      details: { outcomes },
    },
  };
}
