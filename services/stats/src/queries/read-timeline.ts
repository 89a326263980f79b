import type { MessageCounts } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** How many rows a timeline has at most: a reply must fit a message of the broker. */
const MOST_ROWS = 1_500;

type TimelineRow = Omit<MessageCounts, 'queued'> & { at: string };

/**
 * When messages ended: a row per minute, or per hour or day where a mailing took so long that minutes would be too many.
 * Rows in which nothing ended are left out.
 */
export async function readTimeline(
  transaction: Transaction<Tables>,
  mailingId: string,
): Promise<TimelineRow[]> {
  const { rows } = await sql<Omit<TimelineRow, 'at'> & { at: Date }>`
    with chosen as (
      select case
        when max(at) - min(at) < interval '1 minute' * ${MOST_ROWS}::int then interval '1 minute'
        when max(at) - min(at) < interval '1 hour' * ${MOST_ROWS}::int then interval '1 hour'
        else interval '1 day' end as width
      from timeline where mailing_id = ${mailingId}
    )
    select date_bin(width, at, timestamptz '2000-01-01') as at, sum(sent)::bigint as sent, sum(failed)::bigint as failed,
      sum(expired)::bigint as expired, sum(cancelled)::bigint as cancelled, sum(unknown)::bigint as unknown
    from timeline, chosen where mailing_id = ${mailingId} group by 1 order by 1`.execute(transaction);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
