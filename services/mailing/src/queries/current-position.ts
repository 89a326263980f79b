import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** The checkpoint of the one fold of this service. */
export const FOLD = 'entities';

/** The highest position that this instance has seen each model at. */
const highest = new WeakMap<Kysely<Tables>, number>();

/** Models whose log looks like another one at this moment. */
const doubted = new WeakSet<Kysely<Tables>>();

/** The directory cannot be relied on at this moment; it comes right by itself, or its fold says what is wrong. */
export class DirectoryNotReadyError extends Error {
  override readonly name = 'DirectoryNotReadyError';
}

/** While the log is doubted nothing is answered or decided from the model that follows it. */
export function setLogDoubted(database: Kysely<Tables>, isDoubted: boolean): void {
  if (isDoubted) doubted.add(database);
  else doubted.delete(database);
}

/**
 * How far the model is: the last folded position, and when that event was stored (ISO 8601).
 *
 * @throws DirectoryNotReadyError where the model is behind what it was: another instance rebuilds it, and half of it would
 *   be taken for the whole (clients for removed, phones for free); and where the log may be another one
 */
export async function currentPosition(database: Kysely<Tables>): Promise<{ sequence: number; asOf: string }> {
  if (doubted.has(database))
    throw new DirectoryNotReadyError('the log may be another one, and is looked at again');
  // Known before we ask: of questions side by side a later one may be answered first, and with a later position.
  const before = highest.get(database) ?? 0;
  const { rows } = await sql<{ sequence: number; as_of: Date }>`
    select sequence, as_of from checkpoint where name = ${FOLD}`.execute(database);
  const row = rows[0];
  if (row === undefined) throw new DirectoryNotReadyError('nothing is folded yet');
  if (row.sequence < before)
    throw new DirectoryNotReadyError(`the model is being rebuilt: at ${row.sequence}, it was at ${before}`);
  highest.set(database, Math.max(highest.get(database) ?? 0, row.sequence));
  return { sequence: row.sequence, asOf: row.as_of.toISOString() };
}
