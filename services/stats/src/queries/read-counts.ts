import type { Mailing, MessageCounts } from '@herald/contracts';
import { type QueryExecutorProvider, sql } from 'kysely';

/** What the counters of all lanes say of one mailing. */
export interface MailingCounts {
  readonly name: string | null;
  readonly status: Mailing['status'];
  readonly audienceResolved: boolean;
  /** The audience once it is resolved, before that what was queued so far. */
  readonly planned: number;
  readonly counts: MessageCounts;
  readonly retries: number;
  /** ISO 8601. */
  readonly firstSentAt: string | null;
  readonly lastSentAt: string | null;
}

interface Row extends MessageCounts {
  readonly name: string | null;
  readonly status: Mailing['status'];
  readonly audience_messages: number | null;
  readonly retries: number;
  readonly first_sent_at: number | null;
  readonly last_sent_at: number | null;
}

/** Sums up the lanes of one mailing; null for a mailing that the model has not met. */
export async function readCounts(
  database: QueryExecutorProvider,
  mailingId: string,
): Promise<MailingCounts | null> {
  const { rows } = await sql<Row>`
    select m.name, m.status, m.audience_messages,
      coalesce(sum(c.queued), 0)::bigint as queued, coalesce(sum(c.sent), 0)::bigint as sent,
      coalesce(sum(c.failed), 0)::bigint as failed, coalesce(sum(c.expired), 0)::bigint as expired,
      coalesce(sum(c.cancelled), 0)::bigint as cancelled, coalesce(sum(c.unknown), 0)::bigint as unknown,
      coalesce(sum(c.retries), 0)::bigint as retries,
      min(c.first_sent_at) as first_sent_at, max(c.last_sent_at) as last_sent_at
    from mailing m left join counter c on c.mailing_id = m.id
    where m.id = ${mailingId} group by m.id`.execute(database);
  return countsIn(rows[0]);
}

/**
 * What a mailing came to up to a position of the log: the sum of the changes up to there.
 *
 * @returns null for a mailing that was not there yet
 */
export async function readCountsAt(
  database: QueryExecutorProvider,
  mailingId: string,
  position: number,
): Promise<MailingCounts | null> {
  const { rows } = await sql<Row>`
    select m.name, m.status, m.audience_messages, c.*
    from (
      select name, status, audience_messages from mailing_version
      where mailing_id = ${mailingId}::uuid and sequence <= ${position}::bigint order by sequence desc limit 1
    ) m
    cross join (
      select coalesce(sum(queued - sent - failed - expired - cancelled - unknown), 0)::bigint as queued,
        coalesce(sum(sent), 0)::bigint as sent, coalesce(sum(failed), 0)::bigint as failed,
        coalesce(sum(expired), 0)::bigint as expired, coalesce(sum(cancelled), 0)::bigint as cancelled,
        coalesce(sum(unknown), 0)::bigint as unknown, coalesce(sum(retries), 0)::bigint as retries,
        min(first_sent_at) as first_sent_at, max(last_sent_at) as last_sent_at
      from count_change where mailing_id = ${mailingId}::uuid and sequence <= ${position}::bigint
    ) c`.execute(database);
  return countsIn(rows[0]);
}

function countsIn(row: Row | undefined): MailingCounts | null {
  if (row === undefined) return null;
  const counts = countsOf(row);
  return {
    name: row.name,
    status: row.status,
    audienceResolved: row.audience_messages !== null,
    planned: row.audience_messages ?? sumOf(counts),
    counts,
    retries: row.retries,
    firstSentAt: isoOf(row.first_sent_at),
    lastSentAt: isoOf(row.last_sent_at),
  };
}

/** @param at milliseconds since 1970 */
export const isoOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** The six counts of a row, and nothing else of it. */
export const countsOf = ({
  queued,
  sent,
  failed,
  expired,
  cancelled,
  unknown,
}: MessageCounts): MessageCounts => ({
  queued,
  sent,
  failed,
  expired,
  cancelled,
  unknown,
});

export const sumOf = (counts: MessageCounts): number =>
  counts.queued + counts.sent + counts.failed + counts.expired + counts.cancelled + counts.unknown;
