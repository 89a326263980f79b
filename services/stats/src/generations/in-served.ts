import { isStructureGone } from '@herald/postgres';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { PointerTables } from './pointer.ts';

/**
 * Runs reads on one view of the generation that is served, so that what they answer agrees: which one it is and its rows are
 * of one snapshot, and a switch between two questions shows in none. Where the generation was dropped in between, it is
 * looked up once more.
 *
 * @throws the driver's errors; those of a missing table where the generation is being made
 */
export async function inServed<Result>(
  database: Kysely<PointerTables>,
  read: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  try {
    return await inOneView(database, read);
  } catch (error) {
    if (!isStructureGone(error) && !isDeadlock(error)) throw error;
    return inOneView(database, read);
  }
}

/** Who drops a generation and who still reads it may wait for each other. */
const isDeadlock = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '40P01';

function inOneView<Result>(
  database: Kysely<PointerTables>,
  read: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      const { rows } = await sql`
        select set_config('search_path', 'stats_' || generation, true) from stats.pointer`.execute(
        transaction,
      );
      if (rows.length === 0) throw new Error('the pointer to the generation is missing');
      // From here on unqualified names mean the tables of that generation.
      return read(transaction as unknown as Transaction<Tables>);
    });
}
