import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';

/**
 * When the last event that is folded was stored, of the lane that is furthest behind (ISO 8601). 1970 while a lane has
 * not begun, as in a model that was just emptied.
 */
export async function readAsOf(database: Kysely<Tables> | Transaction<Tables>): Promise<string> {
  const { rows } = await sql<{ as_of: Date | null }>`
    select case when count(*) >= (select lanes from layout) then min(as_of) end as as_of from checkpoint`.execute(
    database,
  );
  return (rows[0]?.as_of ?? new Date(0)).toISOString();
}

/** Runs reads on one view of the data, so that what they answer agrees. */
export const inOneView = <Result>(
  database: Kysely<Tables>,
  read: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> =>
  database.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
