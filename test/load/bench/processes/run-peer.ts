import { join } from 'node:path';
import { z } from 'zod';
import type { Bench } from '../bench.ts';
import { type Measured, perSecond } from '../measure/measured.ts';
import type { System } from '../system/system.ts';
import { whileDoing } from '../system/watch-usage.ts';
import { ownUsage } from './own-usage.ts';
import { expectJournal } from './run-loop.ts';
import { runScript } from './run-script.ts';

const SCRIPT = join(import.meta.dirname, 'peer-graphile-worker.ts');
const result = z.object({ addMs: z.number(), tookMs: z.number(), left: z.int(), usage: ownUsage });

/** Measures graphile-worker beside the system, in its PostgreSQL. @throws when a job is left, lost or done twice */
export async function runPeer(
  bench: Bench,
  system: System,
  jobs: number,
  concurrency: number,
): Promise<Measured> {
  await system.forgetJournal();
  const { provider, providerToken, databaseUrl } = await system.describe();
  const input = { provider: { url: provider, token: providerToken }, databaseUrl, jobs, concurrency };
  const work = () => runScript(SCRIPT, input, result, bench.signal, { NO_LOG_SUCCESS: '1' });
  const { result: done, usage } = await whileDoing(system, work);
  if (done.left > 0) throw new Error(`graphile-worker left ${done.left} of ${jobs} jobs.`);
  await expectJournal(system, jobs);
  const { postgres = { cpuMs: 0, peakMiB: 0 } } = usage;
  return {
    value: perSecond(jobs, done.tookMs),
    unit: 'messages/s',
    per: { thing: 'message', count: jobs },
    usage: { 'graphile-worker': done.usage, postgres },
    details: { withAddingPerSecond: perSecond(jobs, done.addMs + done.tookMs) },
  };
}
