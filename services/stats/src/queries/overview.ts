import type { Mailing, MessageCounts, overviewQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { inOneView, readAsOf } from './as-of.ts';
import { countsOf } from './read-counts.ts';

interface Row extends MessageCounts {
  readonly id: string;
  readonly name: string | null;
  readonly status: Mailing['status'];
  readonly created_at: Date;
  readonly planned: number;
}

/** So many always fit a reply, however long the names. */
const MOST = 300;

/**
 * The statistics of all mailings, newest first, with the totals over all of them and not only the page. Deleted
 * mailings are left out of both. List, totals and time are of one view of the data.
 */
export function overview(
  { database }: Dependencies,
  { status, limit, after }: z.infer<typeof overviewQuery.request>,
): Promise<z.infer<typeof overviewQuery.reply>> {
  const size = Math.min(limit, MOST);
  const shown = status === undefined ? sql`m.status <> 'deleted'` : sql`m.status = ${status}`;
  const behind =
    after === null
      ? sql`true`
      : sql`(m.created_at, m.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`;
  return inOneView(database, async (transaction) => {
    const { rows } = await sql<Row>`
      with page as (
        select m.* from mailing m where ${shown} and ${behind}
        order by m.created_at desc, m.id desc limit ${size + 1}
      )
      select page.id, page.name, page.status, page.created_at, sums.*,
        coalesce(page.audience_messages, sums.everything) as planned
      from page cross join lateral (select ${SUMS} from counter c where c.mailing_id = page.id) sums
      order by page.created_at desc, page.id desc`.execute(transaction);
    const totals = await sql<MessageCounts & { planned: number }>`
      with sums as (
        select m.id, m.audience_messages, ${SUMS}
        from mailing m left join counter c on c.mailing_id = m.id where ${shown} group by m.id
      )
      select coalesce(sum(coalesce(audience_messages, everything)), 0)::bigint as planned,
        coalesce(sum(queued), 0)::bigint as queued, coalesce(sum(sent), 0)::bigint as sent,
        coalesce(sum(failed), 0)::bigint as failed, coalesce(sum(expired), 0)::bigint as expired,
        coalesce(sum(cancelled), 0)::bigint as cancelled, coalesce(sum(unknown), 0)::bigint as unknown
      from sums`.execute(transaction);
    const items = rows.slice(0, size);
    const last = items.at(-1);
    const sum = totals.rows[0];
    if (sum === undefined) throw new Error('a sum without a row');
    return {
      items: items.map((row) => ({
        mailing: row.id,
        name: row.name,
        status: row.status,
        planned: row.planned,
        counts: countsOf(row),
      })),
      next:
        rows.length > size && last !== undefined
          ? { createdAt: last.created_at.toISOString(), id: last.id }
          : null,
      totals: { planned: sum.planned, ...countsOf(sum) },
      asOf: await readAsOf(transaction),
    };
  });
}

const SUMS = sql`
  coalesce(sum(c.queued), 0)::bigint as queued, coalesce(sum(c.sent), 0)::bigint as sent,
  coalesce(sum(c.failed), 0)::bigint as failed, coalesce(sum(c.expired), 0)::bigint as expired,
  coalesce(sum(c.cancelled), 0)::bigint as cancelled, coalesce(sum(c.unknown), 0)::bigint as unknown,
  coalesce(sum(c.queued + c.sent + c.failed + c.expired + c.cancelled + c.unknown), 0)::bigint as everything`;
