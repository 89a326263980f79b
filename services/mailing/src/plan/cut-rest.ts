import type { MailingFilter } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { audienceThen } from './clients-then.ts';
import { useUpTo } from './message-counter.ts';
import { placedBatches } from './start-plan.ts';

/** A plan of which the log may hold a part. */
export interface OpenPlan {
  /** Of the mailing's start. */
  readonly position: number;
  readonly filter: MailingFilter;
}

/**
 * Cuts a whole plan whose batches in the log stand in `plan_batch`, and writes the others if those are the same.
 *
 * @returns whether they are, and nobody else has message ids of the plan's block: else nothing was written
 */
export async function cutAsBefore(
  transaction: Transaction<Tables>,
  mailingId: string,
  { filter, position }: OpenPlan,
): Promise<boolean> {
  const { rows } = await sql<{ fits: boolean | null; last: number | null }>`
    with member as (${audienceThen(filter, position)}), ${placedBatches}, whole as materialized (
      select batch::int as batch, timezone, client_ids, upto - size as before, size from placed
    ), queued as materialized (
      select batch, timezone, client_ids, first_message_id from plan_batch where mailing_id = ${mailingId}
    ), compared as (
      select queued.first_message_id - whole.before as start,
        whole.client_ids = queued.client_ids and whole.timezone = queued.timezone as is_same
      from queued left join whole on whole.batch = queued.batch
    ), block as (
      select min(start)::bigint as start, (min(start) + (select sum(size) from whole))::bigint as upto,
        bool_and(coalesce(is_same, false)) and min(start) = max(start) and min(start) > 0 as is_same
      from compared
    ), verdict as materialized (
      select start, upto, is_same and not exists (
        select from plan p where p.mailing_id <> ${mailingId}
          and p.first_message_id < upto and p.first_message_id + greatest(p.messages, 1) > start
      ) and not exists (
        select from plan_batch b where b.mailing_id <> ${mailingId}
          and b.first_message_id < upto and b.first_message_id + cardinality(b.client_ids) > start
      ) as fits from block
    ), written as (
      insert into plan_batch (mailing_id, batch, timezone, first_message_id, client_ids)
      select ${mailingId}, batch, timezone, start + before, client_ids from whole, verdict
      where fits and not exists (select from queued where queued.batch = whole.batch)
    )
    select fits, upto - 1 as last from verdict`.execute(transaction);
  const { fits, last } = rows[0] ?? { fits: false, last: null };
  if (fits !== true || last === null) return false;
  await useUpTo(transaction, last);
  return true;
}

/**
 * Puts whoever fits and stands in none of the batches in `plan_batch` into further ones, under the lowest numbers that are
 * free, with message ids that nobody has.
 */
export async function cutOthers(
  transaction: Transaction<Tables>,
  mailingId: string,
  { filter, position }: OpenPlan,
): Promise<void> {
  await sql`
    with queued as materialized (
      select batch, client_ids from plan_batch where mailing_id = ${mailingId}
    ), taken as materialized (
      select unnest(client_ids) as id from queued
    ), member as (
      select id, timezone from (${audienceThen(filter, position)}) as audience
      where not exists (select from taken where taken.id = audience.id)
    ), ${placedBatches}, place as (
      select number, row_number() over (order by number) - 1 as batch
      from generate_series(0, (select count(*) from queued) + (select count(*) from placed) - 1) as number
      where not exists (select from queued where queued.batch = number)
    ), moved as (
      update message_counter set next = next + (select coalesce(sum(size), 0) from placed)::bigint
    )
    insert into plan_batch (mailing_id, batch, timezone, first_message_id, client_ids)
    select ${mailingId}, place.number::int, timezone, (select next from message_counter) + upto - size, client_ids
    from placed join place using (batch)`.execute(transaction);
}
