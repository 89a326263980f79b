import pg from 'pg';
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

/**
 * Points the statistics to a new generation, restarts the one process that folds them, and waits until they have come as
 * far as the old ones were. Measured is from the new generation's first sight on: the start of a process is none of it.
 */
export async function rebuildStatistics(bench: Bench, system: System): Promise<Rebuild> {
  const { databaseUrl } = await system.describe();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ generation: number }>(
      'update stats.pointer set generation = generation + 1 returning generation',
    );
    const generation = rows[0]?.generation ?? 0;
    const target = (await readSequence(client, generation - 1)) ?? 0;
    await system.restart('stats-1');
    let first: { sequence: number; at: number } | undefined;
    const look = async () => {
      const sequence = await readSequence(client, generation);
      if (sequence !== undefined) first ??= { sequence, at: performance.now() };
      bench.progress('events replayed', sequence ?? 0, target);
      const isThere = first !== undefined && sequence !== undefined && sequence >= target;
      return { done: isThere ? first : undefined, state: sequence };
    };
    const { sequence, at } = await until('the statistics were built again', look, bench.signal);
    const tookMs = performance.now() - at;
    await client.query(`drop schema stats_${generation - 1} cascade`);
    return { events: target - sequence, tookMs };
  } finally {
    await client.end();
  }
}

/** How far a generation has come; undefined before it is there. */
async function readSequence(client: pg.Client, generation: number): Promise<number | undefined> {
  const { rows: found } = await client.query<{ is_there: boolean }>(
    'select to_regclass($1) is not null as is_there',
    [`stats_${generation}.checkpoint`],
  );
  if (found[0]?.is_there !== true) return undefined;
  const { rows } = await client.query<{ sequence: string | null }>(
    `select min(sequence) as sequence from stats_${generation}.checkpoint`,
  );
  const sequence = rows[0]?.sequence ?? null;
  return sequence === null ? undefined : Number(sequence);
}
