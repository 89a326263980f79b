import type { generationsQuery, StatsGeneration } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { runningJob } from '../rebuild/job.ts';
import { sideOf } from '../rebuild/side.ts';
import { generationNumbers, readPointer, schemaOf } from './pointer.ts';

/** Every generation that is there, the newest first. */
export async function listGenerations(
  dependencies: Dependencies,
): Promise<z.infer<typeof generationsQuery.reply>> {
  const { database } = dependencies;
  const served = await readPointer(database);
  const job = await runningJob(database);
  const items: StatsGeneration[] = [];
  for (const generation of (await generationNumbers(database)).toReversed()) {
    const isServed = generation === served;
    const layout = await readLayout(dependencies, generation);
    items.push({
      generation,
      isServed,
      state: isServed
        ? 'served'
        : layout === null
          ? 'older'
          : job?.generation === generation
            ? 'building'
            : 'kept',
      ...(layout ?? { lanes: null, origin: null, createdAt: null, servedAt: null, position: null }),
      bytes: await bytesOf(dependencies, generation),
    });
  }
  return { items };
}

/** @returns null for one of an older release */
async function readLayout(
  { database }: Dependencies,
  generation: number,
): Promise<Pick<StatsGeneration, 'lanes' | 'origin' | 'createdAt' | 'servedAt' | 'position'> | null> {
  const side = await sideOf(database, generation);
  if (side === null) return null;
  const { rows } = await sql<{
    lanes: number;
    origin: string;
    made_at: Date;
    served_at: Date | null;
    position: number | null;
  }>`
    select l.*, (select max(sequence) from ${sql.table(`${side.schema}.checkpoint`)}) as position
    from ${sql.table(`${side.schema}.layout`)} l`.execute(database);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    lanes: row.lanes,
    origin: row.origin,
    createdAt: row.made_at.toISOString(),
    servedAt: row.served_at?.toISOString() ?? null,
    position: row.position,
  };
}

async function bytesOf({ database }: Dependencies, generation: number): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schemaOf(generation)} and c.relkind = 'r'`.execute(database);
  return rows[0]?.bytes ?? 0;
}
