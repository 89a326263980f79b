import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** The checkpoint of the one fold of this service. */
export const FOLD = 'entities';

/** How far the model is: the last folded position, and when that event was stored (ISO 8601). */
export async function currentPosition(database: Kysely<Tables>): Promise<{ sequence: number; asOf: string }> {
  const { rows } = await sql<{ sequence: number; as_of: Date }>`
    select sequence, as_of from checkpoint where name = ${FOLD}`.execute(database);
  const row = rows[0];
  if (row === undefined) throw new Error('nothing is folded yet');
  return { sequence: row.sequence, asOf: row.as_of.toISOString() };
}
