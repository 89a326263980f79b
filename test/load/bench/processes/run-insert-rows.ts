import { join } from 'node:path';
import { z } from 'zod';
import type { Bench } from '../bench.ts';
import { type Measured, perSecond } from '../measure/measured.ts';
import type { System } from '../system/system.ts';
import { whileDoing } from '../system/watch-usage.ts';
import { ownUsage } from './own-usage.ts';
import { runScript } from './run-script.ts';

const SCRIPT = join(import.meta.dirname, 'insert-rows.ts');
const result = z.object({ tookMs: z.number(), there: z.int(), usage: ownUsage });

/** Measures plain inserts into the PostgreSQL of a system. @throws when not all rows are there */
export async function runInsertRows(bench: Bench, system: System, rows: number): Promise<Measured> {
  const { databaseUrl } = await system.describe();
  const work = () => runScript(SCRIPT, { databaseUrl, rows }, result, bench.signal);
  const { result: done, usage } = await whileDoing(system, work);
  if (done.there !== rows) throw new Error(`Of ${rows} plain rows ${done.there} are there.`);
  const { postgres = { cpuMs: 0, peakMiB: 0 } } = usage;
  return {
    value: perSecond(rows, done.tookMs),
    unit: 'rows/s',
    per: { thing: 'row', count: rows },
    usage: { rows: done.usage, postgres },
  };
}
