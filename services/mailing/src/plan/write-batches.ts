import { BATCH_SIZE, type MailingFilter } from '@herald/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { audienceCondition } from './audience-condition.ts';
import { batchesFrom, type PlacedBatch, totalsOf } from './batch-order.ts';
import { audienceThen, isThen, wasThen } from './clients-then.ts';

/** How many batches are cut in one transaction: 16,000 clients, about 40 ms. */
export const PAGE_BATCHES = 64;
/** Before every client: ids derive from commands, and none is this one. */
export const NO_CLIENT = '00000000-0000-0000-0000-000000000000';

/** How far a plan is cut. The arrays hold one element for each time zone. */
export interface PlanCut {
  readonly position: number;
  readonly filter: MailingFilter;
  readonly firstMessageId: number;
  readonly timezones: readonly string[];
  readonly clients: readonly number[];
  readonly batchesCut: number;
  readonly lastIds: readonly string[];
}

interface ZoneOfPage {
  readonly zone: number;
  readonly timezone: string;
  readonly lastId: string;
  readonly size: number;
}

/**
 * Writes the next batches of a plan.
 *
 * @param most how many at most
 * @returns how far the plan is cut then
 * @throws Error where the directory does not hold the clients that were counted: nothing may be written then
 */
export async function writeBatches(
  transaction: Transaction<Tables>,
  mailingId: string,
  cut: PlanCut,
  most: number,
): Promise<PlanCut> {
  const page = batchesFrom(cut.clients, cut.batchesCut, most);
  const zones = zonesOf(cut, page);
  const seen = new Map<number, number>();
  const nth = page.map(({ zone }) => {
    const count = seen.get(zone) ?? 0;
    seen.set(zone, count + 1);
    return count;
  });
  const reads = (await isSelective(transaction, cut, most)) ? filtered : walked;
  if (reads === walked && !('everyone' in cut.filter)) await neverReadByFilter(transaction);
  const members = reads(cut, zones);
  const { rows } = await sql<{ batch: number; last_id: string }>`
    with member as (${members}), numbered as (
      select zone, id, (row_number() over (partition by zone order by id) - 1) / ${BATCH_SIZE}::int as nth from member
    ), gathered as (
      select zone, nth, array_agg(id order by id) as ids from numbered group by zone, nth
    )
    insert into plan_batch (mailing_id, batch, timezone, first_message_id, client_ids)
    select ${mailingId}, placed.batch, placed.timezone, placed.first_message_id, gathered.ids
    from unnest(
      ${page.map(({ batch }) => batch)}::int[], ${page.map(({ zone }) => zone)}::int[], ${nth}::int[],
      ${page.map(({ zone }) => cut.timezones[zone])}::text[],
      ${page.map(({ before }) => cut.firstMessageId + before)}::bigint[], ${page.map(({ size }) => size)}::int[])
      as placed (batch, zone, nth, timezone, first_message_id, size)
    join gathered on gathered.zone = placed.zone and gathered.nth = placed.nth
      and cardinality(gathered.ids) = placed.size
    returning batch, client_ids[cardinality(client_ids)] as last_id`.execute(transaction);
  if (rows.length !== page.length) {
    throw new Error(
      `the directory holds other clients at ${cut.position} than were counted for ${mailingId}`,
    );
  }
  const lastIds = [...cut.lastIds];
  const found = new Map(rows.map((row) => [row.batch, row.last_id]));
  for (const { batch, zone } of page) lastIds[zone] = found.get(batch) ?? NO_CLIENT;
  return { ...cut, batchesCut: cut.batchesCut + page.length, lastIds };
}

/** The zones that a page has batches of, with the number of their clients in it. */
function zonesOf(cut: PlanCut, page: readonly PlacedBatch[]): readonly ZoneOfPage[] {
  const sizes = new Map<number, number>();
  for (const { zone, size } of page) sizes.set(zone, (sizes.get(zone) ?? 0) + size);
  return [...sizes].map(([zone, size]) => ({
    zone,
    timezone: cut.timezones[zone] ?? '',
    lastId: cut.lastIds[zone] ?? NO_CLIENT,
    size,
  }));
}

/**
 * Whether all pages together read fewer rows when each reads the whole audience by the filter's index than when all walk
 * once through the directory. An estimate is enough: both lead to the same.
 */
async function isSelective(
  transaction: Transaction<Tables>,
  { clients }: PlanCut,
  most: number,
): Promise<boolean> {
  const { messages, batches } = totalsOf(clients);
  const { rows } = await sql<{ clients: number }>`
    select reltuples::float8 as clients from pg_class where oid = 'client'::regclass`.execute(transaction);
  return Math.ceil(batches / most) * messages < (rows[0]?.clients ?? 0);
}

/**
 * Keeps the planner to the walk. Where it expects few clients of a zone it would rather read all of the zone that fit, by the
 * index of the filter, and sort them: each page would read the whole audience anew.
 */
async function neverReadByFilter(transaction: Transaction<Tables>): Promise<void> {
  await sql`set local enable_bitmapscan = off`.execute(transaction);
}

const zoneRows = (zones: readonly ZoneOfPage[]): RawBuilder<unknown> => sql`
  unnest(${zones.map(({ zone }) => zone)}::int[], ${zones.map(({ timezone }) => timezone)}::text[],
    ${zones.map(({ lastId }) => lastId)}::uuid[], ${zones.map(({ size }) => size)}::int[])
    as page (zone, timezone, last_id, size)`;

/** The next clients of each zone as of the plan's position, by a walk through each zone from where the last page ended. */
function walked({ filter, position }: PlanCut, zones: readonly ZoneOfPage[]): RawBuilder<unknown> {
  const next = (table: string, condition: RawBuilder<boolean>): RawBuilder<unknown> => sql`
    (select id from ${sql.table(table)}
     where timezone = page.timezone collate "C" and id > page.last_id and ${condition} and ${audienceCondition(filter)}
     order by id limit page.size)`;
  return sql`
    select page.zone, of_zone.id from ${zoneRows(zones)} cross join lateral (
      ${next('client', isThen(position))} union all ${next('client_before', wasThen(position))}
      order by id limit page.size) as of_zone`;
}

/** The same by reading the whole audience. */
function filtered({ filter, position }: PlanCut, zones: readonly ZoneOfPage[]): RawBuilder<unknown> {
  return sql`
    select zone, id from (
      select page.zone, page.size, audience.id,
        row_number() over (partition by page.zone order by audience.id) as place
      from (${audienceThen(filter, position)}) as audience
      join ${zoneRows(zones)} on page.timezone = audience.timezone and audience.id > page.last_id
    ) as placed where place <= size`;
}
