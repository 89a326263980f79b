import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';

/**
 * Keeps message ids to this transaction until it ends. The fold gives them to plans that begin, and beside it they are given to
 * what is left of open ones: whoever reads the counter must be the only one who moves it then.
 */
export async function lockCounter(transaction: Transaction<Tables>): Promise<void> {
  await sql`select next from message_counter for update`.execute(transaction);
}

/** No message id up to this one is given again. */
export async function useUpTo(transaction: Transaction<Tables>, last: number): Promise<void> {
  await sql`
    update message_counter set next = ${last} + 1::bigint where next <= ${last}`.execute(transaction);
}
