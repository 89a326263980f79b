import { z } from 'zod';
import type { Bench } from '../bench.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

const totals = z.object({
  planned: z.int(),
  queued: z.int(),
  sent: z.int(),
  failed: z.int(),
  expired: z.int(),
  cancelled: z.int(),
  unknown: z.int(),
});

/** The totals of all mailings. */
export async function readTotals(bench: Bench, system: System): Promise<z.infer<typeof totals>> {
  const api = await system.api(bench.signal);
  return (await api.get('/stats?limit=1', z.object({ totals }))).totals;
}

export type Rebuild = { readonly events: number; readonly tookMs: number };

const job = z.object({
  state: z.string(),
  error: z.string().nullable(),
  events: z.int(),
  total: z.int(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  differencesFound: z.int(),
});

/**
 * Rebuilds the statistics from the first event on, beside those that are served: folds, compares, and serves them. The
 * generation that was served before is dropped.
 *
 * @throws where it fails, or finds a difference
 */
export async function rebuildStatistics(bench: Bench, system: System): Promise<Rebuild> {
  const api = await system.api(bench.signal);
  await system.operate('POST', '/admin/stats/rebuild');
  const look = async () => {
    const seen = await api.get('/admin/stats/rebuild', job);
    bench.progress('events replayed', seen.events, seen.total);
    return { done: seen.endedAt === null ? undefined : seen, state: seen.events };
  };
  const done = await until('the statistics were built again', look, bench.signal);
  if (done.state !== 'done' || done.differencesFound > 0)
    throw new Error(
      `The rebuild came to ${done.state} with ${done.differencesFound} differences: ${done.error}.`,
    );
  await dropOlder(bench, system);
  const tookMs = Date.parse(done.endedAt ?? '') - Date.parse(done.startedAt);
  return { events: done.events, tookMs };
}

async function dropOlder(bench: Bench, system: System): Promise<void> {
  const api = await system.api(bench.signal);
  const list = z.object({ items: z.array(z.object({ generation: z.int(), isServed: z.boolean() })) });
  const { items } = await api.get('/admin/stats/generations', list);
  for (const { generation, isServed } of items)
    if (!isServed) await system.operate('DELETE', `/admin/stats/generations/${generation}`);
}
