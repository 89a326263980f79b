import { type QueryExecutorProvider, sql } from 'kysely';

/**
 * When the last event that is folded was stored, of the lane that is furthest behind (ISO 8601). 1970 while a lane has
 * not begun, as in a model that was just emptied.
 */
export async function readAsOf(database: QueryExecutorProvider): Promise<string> {
  const { rows } = await sql<{ as_of: Date | null }>`
    select case when count(*) >= (select lanes from layout) then min(as_of) end as as_of from checkpoint`.execute(
    database,
  );
  return (rows[0]?.as_of ?? new Date(0)).toISOString();
}

/** To which time an answer about a moment is current: not later than what is folded. Both are ISO 8601 in UTC. */
export const asOfAt = (asOf: string, at: string | undefined): string =>
  at !== undefined && at < asOf ? at : asOf;
