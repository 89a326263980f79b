import { sql, type Transaction } from 'kysely';
import type { EndStatus } from '../database/statuses.ts';
import type { Tables } from '../database/tables.ts';
import type { CountChange } from './count-changes.ts';

/**
 * Keeps how each record changed the counts, and adds the sums of a chunk to the counters and the timeline of its lane. Several
 * outcomes of one record may come in several chunks, where some of them cannot be read: then they are added up.
 */
export async function writeCounts(
  transaction: Transaction<Tables>,
  lane: number,
  changes: readonly CountChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const ended = (status: EndStatus): number[] => changes.map((change) => change.ended[status]);
  await sql`
    with delta as materialized (
      select * from unnest(
        ${changes.map((c) => c.mailingId)}::uuid[], ${changes.map((c) => c.batch)}::int[], ${changes.map((c) => c.sequence)}::bigint[],
        ${changes.map((c) => c.storedAt)}::bigint[], ${changes.map((c) => c.bin ?? 0)}::bigint[],
        ${changes.map((c) => c.width)}::int[], ${changes.map((c) => c.queued)}::int[],
        ${ended('sent')}::int[], ${ended('failed')}::int[], ${ended('expired')}::int[],
        ${ended('cancelled')}::int[], ${ended('unknown')}::int[], ${changes.map((c) => c.retries)}::int[],
        ${changes.map((c) => c.firstSentAt)}::bigint[], ${changes.map((c) => c.lastSentAt)}::bigint[])
        as d (mailing_id, batch, sequence, stored_at, bin, width, queued, sent, failed, expired, cancelled, unknown, retries,
          first_sent_at, last_sent_at)
    ), kept as (
      insert into count_change as kept (mailing_id, batch, sequence, stored_at, bin, width, queued, sent, failed, expired,
        cancelled, unknown, retries, first_sent_at, last_sent_at)
      select * from delta
      on conflict (mailing_id, sequence, bin, width) do update set
        queued = kept.queued + excluded.queued, ${added('kept')},
        retries = kept.retries + excluded.retries, ${spanned('kept')}
    ), counted as (
      insert into counter as counted (lane, mailing_id, queued, sent, failed, expired, cancelled, unknown, retries,
        first_sent_at, last_sent_at)
      select ${lane}::smallint, mailing_id, sum(queued - sent - failed - expired - cancelled - unknown), sum(sent),
        sum(failed), sum(expired), sum(cancelled), sum(unknown), sum(retries), min(first_sent_at), max(last_sent_at)
      from delta group by mailing_id
      on conflict (mailing_id, lane) do update set
        queued = counted.queued + excluded.queued, ${added('counted')},
        retries = counted.retries + excluded.retries, ${spanned('counted')}
    )
    insert into timeline as ended (lane, mailing_id, bin, width, sent, failed, expired, cancelled, unknown)
    select ${lane}::smallint, mailing_id, bin, width, sum(sent), sum(failed), sum(expired), sum(cancelled), sum(unknown)
    from delta where width > 0 group by mailing_id, bin, width
    on conflict (mailing_id, bin, width, lane) do update set ${added('ended')}`.execute(transaction);
}

const added = (table: string) =>
  sql.raw(
    ['sent', 'failed', 'expired', 'cancelled', 'unknown']
      .map((status) => `${status} = ${table}.${status} + excluded.${status}`)
      .join(', '),
  );

const spanned = (table: string) =>
  sql.raw(
    `first_sent_at = least(${table}.first_sent_at, excluded.first_sent_at), ` +
      `last_sent_at = greatest(${table}.last_sent_at, excluded.last_sent_at)`,
  );
