import { findNext } from '@herald/event-log';
import type { Runtime } from '@herald/service-kit';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { filterOf, laneName } from './lane-names.ts';

/**
 * The last position that every lane has folded or has nothing to fold before. A lane's checkpoint alone does not tell: it
 * stands at the last event of its own partition, which may be days old. So the log is asked what comes next in it.
 *
 * @throws what database and broker throw where they do not answer
 */
export async function passedByAllLanes({
  database,
  runtime,
  lanes,
}: {
  readonly database: Kysely<Tables>;
  readonly runtime: Runtime;
  readonly lanes: number;
}): Promise<number> {
  const passed = await passedByEachLane(await readCheckpoints(database), runtime, lanes);
  return Math.min(...passed);
}

/** Up to which position each lane stands in its checkpoint; lanes that have not begun are missing. */
export async function readCheckpoints(database: Kysely<Tables>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ name: string; sequence: number }>`
    select name, sequence from checkpoint`.execute(database);
  return new Map(rows.map((row) => [row.name, row.sequence]));
}

/** The last position that each lane has folded or has nothing to fold before; infinite where nothing comes any more. */
export function passedByEachLane(
  checkpoints: ReadonlyMap<string, number>,
  { broker }: Runtime,
  lanes: number,
): Promise<number[]> {
  return Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const from = (checkpoints.get(laneName(lane)) ?? 0) + 1;
      const next = await findNext(broker, filterOf(lane, lanes), from);
      return next === null ? Number.POSITIVE_INFINITY : next - 1;
    }),
  );
}
