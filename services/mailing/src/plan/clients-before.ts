import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** How many rows one statement deletes at most. */
const PAGE = 10_000;

/**
 * Keeps rows of clients as they are before they change or go, where a plan that is not cut yet may need them. Called in the
 * transaction that changes them.
 *
 * @param until the last position of what is written in one go: no start lies between the first one and this
 */
export async function keepClientsBefore(
  transaction: Transaction<Tables>,
  clientIds: readonly string[],
  until: number,
): Promise<void> {
  if (clientIds.length === 0) return;
  // The uncorrelated `exists` is evaluated once: without such a plan nothing is looked up.
  await sql`
    insert into client_before (id, from_position, until_position, operator_code, tag, timezone)
    select id, position, ${until}, operator_code, tag, timezone from client
    where id = any(${clientIds}::uuid[]) and exists (select from plan_cut)
      and position <= (select max(position) from plan_cut)
    on conflict do nothing`.execute(transaction);
}

/**
 * Deletes the kept rows that no plan needs, page by page. The fold may go on meanwhile: a plan needs no row that ended before
 * its start, and a start that is not committed yet is behind the end of every row that is.
 */
export async function forgetClientsBefore(database: Kysely<Tables>, signal: AbortSignal): Promise<void> {
  let last: { id: string; from_position: number } | undefined = NOTHING;
  while (last !== undefined) {
    signal.throwIfAborted();
    const { rows }: { rows: ReadonlyArray<{ id: string; from_position: number }> } = await sql<{
      id: string;
      from_position: number;
    }>`
      with unneeded as (
        select id, from_position from client_before b
        where (id, from_position) > (${last.id}::uuid, ${last.from_position}::bigint)
          and not exists (
            select from plan_cut p where p.position >= b.from_position and p.position < b.until_position)
        order by id, from_position limit ${PAGE}
      ), deleted as (
        delete from client_before b using unneeded u where b.id = u.id and b.from_position = u.from_position
      )
      select id, from_position from unneeded order by id desc, from_position desc limit 1`.execute(database);
    last = rows[0];
  }
}

const NOTHING = { id: '00000000-0000-0000-0000-000000000000', from_position: -1 };
