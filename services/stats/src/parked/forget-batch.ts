import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { BatchName } from './batch-of.ts';

/**
 * Takes everything out of a model that was folded of a batch, as if nothing had been said of it.
 *
 * @param positions of all records that speak of it
 */
export async function forgetBatch(
  model: Transaction<Tables>,
  lane: number,
  { mailingId, batch }: BatchName,
  positions: readonly number[],
): Promise<void> {
  await sql`
    with gone as (
      delete from count_change where mailing_id = ${mailingId}::uuid and sequence = any(${positions}::bigint[]) returning *
    ), counted as (
      update counter c set queued = c.queued - g.queued, sent = c.sent - g.sent, failed = c.failed - g.failed,
        expired = c.expired - g.expired, cancelled = c.cancelled - g.cancelled, unknown = c.unknown - g.unknown,
        retries = c.retries - g.retries
      from (
        select sum(queued - sent - failed - expired - cancelled - unknown) as queued, sum(sent) as sent,
          sum(failed) as failed, sum(expired) as expired, sum(cancelled) as cancelled, sum(unknown) as unknown,
          sum(retries) as retries
        from gone having count(*) > 0
      ) g where c.mailing_id = ${mailingId}::uuid and c.lane = ${lane}
    )
    update timeline t set sent = t.sent - g.sent, failed = t.failed - g.failed, expired = t.expired - g.expired,
      cancelled = t.cancelled - g.cancelled, unknown = t.unknown - g.unknown
    from (
      select bin, width, sum(sent) as sent, sum(failed) as failed, sum(expired) as expired,
        sum(cancelled) as cancelled, sum(unknown) as unknown
      from gone where width > 0 group by bin, width
    ) g where t.mailing_id = ${mailingId}::uuid and t.lane = ${lane} and t.bin = g.bin and t.width = g.width`.execute(
    model,
  );
  await sql`
    delete from timeline where mailing_id = ${mailingId}::uuid and lane = ${lane}
      and sent + failed + expired + cancelled + unknown = 0`.execute(model);
  // The least and the greatest cannot be taken back: they are those of what is left.
  await sql`
    update counter set (first_sent_at, last_sent_at) = (
      select min(first_sent_at), max(last_sent_at) from count_change where mailing_id = ${mailingId}::uuid
    ) where mailing_id = ${mailingId}::uuid and lane = ${lane}`.execute(model);
  await sql`
    with gone as (
      delete from queued_batch where mailing_id = ${mailingId}::uuid and batch = ${batch}
      returning first_message_id, messages
    ), outcomes as (
      delete from batch_outcomes o using gone where o.first_message_id = gone.first_message_id
    )
    delete from message_error e using gone
    where e.message_id >= gone.first_message_id and e.message_id < gone.first_message_id + gone.messages`.execute(
    model,
  );
}
