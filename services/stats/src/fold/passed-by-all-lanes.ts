import { findNext } from '@herald/event-log';
import { sql } from 'kysely';
import type { Dependencies } from '../dependencies.ts';
import { filterOf, laneName } from './lane-names.ts';

/**
 * The last position that every lane has folded or has nothing to fold before. A lane's checkpoint alone does not tell: it
 * stands at the last event of its own partition, which may be days old. So the log is asked what comes next in it.
 *
 * @throws what database and broker throw where they do not answer
 */
export async function passedByAllLanes({ database, runtime }: Dependencies, lanes: number): Promise<number> {
  const { rows } = await sql<{ name: string; sequence: number }>`
    select name, sequence from checkpoint`.execute(database);
  const folded = new Map(rows.map((row) => [row.name, row.sequence]));
  const passed = await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const from = (folded.get(laneName(lane)) ?? 0) + 1;
      const next = await findNext(runtime.broker, filterOf(lane, lanes), from);
      return next === null ? Number.POSITIVE_INFINITY : next - 1;
    }),
  );
  return Math.min(...passed);
}
