import type { Mailing, MessageCounts, overviewQuery } from '@herald/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { inServed } from '../generations/in-served.ts';
import { asOfAt, readAsOf } from './as-of.ts';
import { countsOf } from './read-counts.ts';

type Request = z.infer<typeof overviewQuery.request>;

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
  { status, at, limit, after }: Request,
): Promise<z.infer<typeof overviewQuery.reply>> {
  const size = Math.min(limit, MOST);
  const mailings = at === undefined ? NOW : then(Date.parse(at));
  const shown = status === undefined ? sql`m.status <> 'deleted'` : sql`m.status = ${status}`;
  const behind =
    after === null
      ? sql`true`
      : sql`(m.created_at, m.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`;
  return inServed(database, async (transaction) => {
    const { rows } = await sql<Row>`
      with page as (
        select m.* from ${mailings.list} m where ${shown} and ${behind}
        order by m.created_at desc, m.id desc limit ${size + 1}
      )
      select page.id, page.name, page.status, page.created_at, sums.*,
        coalesce(page.audience_messages, sums.everything) as planned
      from page cross join lateral (${mailings.sums(sql`page`)}) sums
      order by page.created_at desc, page.id desc`.execute(transaction);
    const totals = await mailings.totals(shown).execute(transaction);
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
      asOf: asOfAt(await readAsOf(transaction), at),
    };
  });
}

/** Where the mailings of a moment are read from, and what they come to. */
interface Mailings {
  /** Has id, name, status, created_at and audience_messages. */
  readonly list: RawBuilder<unknown>;
  /** The sums of one row of the list. */
  readonly sums: (row: RawBuilder<unknown>) => RawBuilder<unknown>;
  /** The sums over all of those that are shown. */
  readonly totals: (shown: RawBuilder<unknown>) => RawBuilder<MessageCounts & { readonly planned: number }>;
}

const STATUS_SUMS = ['sent', 'failed', 'expired', 'cancelled', 'unknown']
  .map((status) => `coalesce(sum(c.${status}), 0)::bigint as ${status}`)
  .join(', ');

const COUNTED = sql.raw(`
  coalesce(sum(c.queued), 0)::bigint as queued, ${STATUS_SUMS},
  coalesce(sum(c.queued + c.sent + c.failed + c.expired + c.cancelled + c.unknown), 0)::bigint as everything`);

const CHANGED = sql.raw(`
  coalesce(sum(c.queued - c.sent - c.failed - c.expired - c.cancelled - c.unknown), 0)::bigint as queued, ${STATUS_SUMS},
  coalesce(sum(c.queued), 0)::bigint as everything`);

const NOW: Mailings = {
  list: sql`mailing`,
  sums: (row) => sql`select ${COUNTED} from counter c where c.mailing_id = ${row}.id`,
  // Grouping by 10,000 mailings took most of the time: what is not resolved yet is told apart instead.
  totals: (shown) => sql`
    select (
        coalesce((select sum(audience_messages) from mailing m where ${shown}), 0)
        + coalesce(sum(c.queued + c.sent + c.failed + c.expired + c.cancelled + c.unknown)
            filter (where m.audience_messages is null), 0)
      )::bigint as planned,
      coalesce(sum(c.queued), 0)::bigint as queued, ${sql.raw(STATUS_SUMS)}
    from mailing m join counter c on c.mailing_id = m.id where ${shown}`,
};

/**
 * By what stood in the log at a moment. What was settled by then is what it is now; of the few others the changes up to then
 * are summed up.
 *
 * @param at milliseconds since 1970
 */
function then(at: number): Mailings {
  const stored = sql`stored_at <= ${at}::bigint`;
  // Up to which position, as in `findPosition`.
  const list = sql`(
    select m.id, v.name, v.status, v.audience_messages, m.created_at, p.position, p.is_settled
    from mailing m
    join lateral (
      select max(sequence) as position, bool_or(type = 'MailingSettled') as is_settled
      from mailing_version where mailing_id = m.id and ${stored}
    ) e on e.position is not null
    cross join lateral (
      select e.is_settled, greatest(e.position, case when not e.is_settled then (
        select max(sequence) from count_change where mailing_id = m.id and ${stored}) end) as position
    ) p
    cross join lateral (
      select name, status, audience_messages from mailing_version
      where mailing_id = m.id and sequence <= p.position order by sequence desc limit 1
    ) v
  )`;
  const changed = (row: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`select ${CHANGED} from count_change c where c.mailing_id = ${row}.id and c.sequence <= ${row}.position`;
  const counted = (row: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`select ${COUNTED} from counter c where c.mailing_id = ${row}.id`;
  const sums = (row: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    select s.* from (${counted(row)}) s where ${row}.is_settled
    union all
    select s.* from (${changed(row)}) s where not ${row}.is_settled`;
  return {
    list,
    sums,
    totals: (shown) => sql`
      with m as materialized (select m.* from ${list} m where ${shown}),
        sums as (select m.audience_messages, s.* from m cross join lateral (${sums(sql`m`)}) s)
      select coalesce(sum(coalesce(audience_messages, everything)), 0)::bigint as planned,
        coalesce(sum(c.queued), 0)::bigint as queued, ${sql.raw(STATUS_SUMS)}
      from sums c`,
  };
}
