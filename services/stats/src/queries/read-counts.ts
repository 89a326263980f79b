import type { Mailing, MessageCounts } from '@herald/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** What the counters of all lanes say of one mailing. */
export interface MailingCounts {
  readonly name: string | null;
  readonly status: Mailing['status'];
  readonly audienceResolved: boolean;
  /** The audience once it is resolved, before that what was queued so far. */
  readonly planned: number;
  readonly counts: MessageCounts;
  readonly retries: number;
  readonly firstSentAt: Date | null;
  readonly lastSentAt: Date | null;
}

interface Row extends MessageCounts {
  readonly name: string | null;
  readonly status: Mailing['status'];
  readonly audience_messages: number | null;
  readonly retries: number;
  readonly first_sent_at: Date | null;
  readonly last_sent_at: Date | null;
}

/** Sums up the lanes of one mailing; null for a mailing that the model has not met. */
export async function readCounts(
  database: Kysely<Tables> | Transaction<Tables>,
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
  const row = rows[0];
  if (row === undefined) return null;
  const counts = countsOf(row);
  return {
    name: row.name,
    status: row.status,
    audienceResolved: row.audience_messages !== null,
    planned: row.audience_messages ?? sumOf(counts),
    counts,
    retries: row.retries,
    firstSentAt: row.first_sent_at,
    lastSentAt: row.last_sent_at,
  };
}

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
