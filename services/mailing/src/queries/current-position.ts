import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** The checkpoint of the one fold of this service. */
export const FOLD = 'entities';

/** The highest position that this instance has seen each model at. */
const highest = new WeakMap<Kysely<Tables>, number>();

/**
 * How far the model is: the last folded position, and when that event was stored (ISO 8601).
 *
 * @throws Error where the model is behind what it was: another instance rebuilds it, and half of it would be taken for
 *   the whole (clients for removed, phones for free)
 */
export async function currentPosition(database: Kysely<Tables>): Promise<{ sequence: number; asOf: string }> {
  // Known before we ask: of questions side by side a later one may be answered first, and with a later position.
  const before = highest.get(database) ?? 0;
  const { rows } = await sql<{ sequence: number; as_of: Date }>`
    select sequence, as_of from checkpoint where name = ${FOLD}`.execute(database);
  const row = rows[0];
  if (row === undefined) throw new Error('nothing is folded yet');
  if (row.sequence < before)
    throw new Error(`the model is being rebuilt: at ${row.sequence}, it was at ${before}`);
  highest.set(database, Math.max(highest.get(database) ?? 0, row.sequence));
  return { sequence: row.sequence, asOf: row.as_of.toISOString() };
}
