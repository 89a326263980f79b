import { BATCH_SIZE, type Mailing } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { audienceCondition } from './audience-condition.ts';

/**
 * Writes whom a mailing addresses, as of the transaction's view of the directory: batches of one time zone each, with
 * consecutive message ids from the counter. One statement for the batches, however large the audience. The first batches of all
 * zones come before the second ones, so that no zone waits for the biggest. Replaying the log writes the same plan, on any
 * database: names are ordered by their bytes, not by a locale.
 */
export async function writePlan(
  transaction: Transaction<Tables>,
  mailing: Mailing,
  correlationId: string,
): Promise<void> {
  const { rows } = await sql<{ batches: number; messages: number }>`
    with numbered as (
      select id, timezone, (row_number() over (partition by timezone order by id) - 1) / ${BATCH_SIZE}::int as chunk
      from client where ${audienceCondition(mailing.filter)}
    ), chunks as (
      select timezone, chunk, array_agg(id order by id) as client_ids from numbered group by timezone, chunk
    ), placed as (
      select timezone, client_ids, cardinality(client_ids) as size,
        row_number() over (order by chunk, timezone collate "C") - 1 as batch,
        sum(cardinality(client_ids)) over (order by chunk, timezone collate "C") as upto
      from chunks
    ), written as (
      insert into plan_batch (mailing_id, batch, timezone, first_message_id, client_ids)
      select ${mailing.id}, batch, timezone, (select next from message_counter) + upto - size, client_ids from placed
      returning cardinality(client_ids) as size
    )
    select count(*)::int as batches, coalesce(sum(size), 0)::int as messages from written`.execute(
    transaction,
  );
  const { batches, messages } = rows[0] ?? { batches: 0, messages: 0 };
  await sql`update message_counter set next = next + ${messages}`.execute(transaction);
  await sql`
    insert into plan (mailing_id, batches, messages, correlation_id)
    values (${mailing.id}, ${batches}, ${messages}, ${correlationId})`.execute(transaction);
}
