import { BATCH_SIZE, type Mailing } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { audienceCondition } from './audience-condition.ts';
import { totalsOf } from './batch-order.ts';
import { lockCounter } from './message-counter.ts';
import { NO_CLIENT } from './write-batches.ts';

/** A plan for so many clients is written at once: about 60 ms. */
export const AT_ONCE = 16_000;

/**
 * Begins the plan of a mailing as of the transaction's view of the directory: its totals, and its block of message ids. The
 * batches of a small plan are written at once. Of a larger one only the counts are, and it is cut page by page (`cutPage`),
 * so that the fold goes on. Replaying the log leads to the same batches, on any database.
 *
 * @param position of the mailing's start in the log; everything before it is written
 * @param atOnce how many clients a plan may have to be written at once
 */
export async function startPlan(
  transaction: Transaction<Tables>,
  mailing: Mailing,
  correlationId: string,
  position: number,
  atOnce: number,
): Promise<void> {
  await lockCounter(transaction);
  const whole = await writeWhole(transaction, mailing, atOnce);
  const { messages, batches } = whole ?? (await writeCounts(transaction, mailing, position));
  await sql`
    with moved as (update message_counter set next = next + ${messages})
    insert into plan (mailing_id, batches, messages, correlation_id, first_message_id)
    select ${mailing.id}, ${batches}, ${messages}, ${correlationId}, case when ${messages} > 0 then next end
    from message_counter`.execute(transaction);
}

interface Totals {
  readonly messages: number;
  readonly batches: number;
}

/**
 * Puts what `member` holds into batches, in the order of the plan: the first ones of all zones come before the second ones.
 * To be used in a `with`; `placed` has the number of each among them, and how many clients stand in them up to its end.
 */
export const placedBatches = sql`
    numbered as (
      select id, timezone, (row_number() over (partition by timezone order by id) - 1) / ${sql.lit(BATCH_SIZE)} as chunk
      from member
    ), chunks as (
      select timezone, chunk, array_agg(id order by id) as client_ids from numbered group by timezone, chunk
    ), placed as (
      select timezone, client_ids, cardinality(client_ids) as size,
        row_number() over in_order - 1 as batch, sum(cardinality(client_ids)) over in_order as upto
      from chunks window in_order as (order by chunk, timezone collate "C")
    )`;

/** Writes all batches by one read of the audience. @returns `null`, with nothing written, where it has more clients than `most` */
async function writeWhole(
  transaction: Transaction<Tables>,
  { id: mailingId, filter }: Mailing,
  most: number,
): Promise<Totals | null> {
  const { rows } = await sql<{ found: number; messages: number; batches: number }>`
    with audience as materialized (
      select id, timezone from client where ${audienceCondition(filter)} limit ${most + 1}
    ), member as (
      select id, timezone from audience where (select count(*) from audience) <= ${most}
    ), ${placedBatches}, written as (
      insert into plan_batch (mailing_id, batch, timezone, first_message_id, client_ids)
      select ${mailingId}, batch, timezone, (select next from message_counter) + upto - size, client_ids from placed
      returning cardinality(client_ids) as size
    )
    select (select count(*) from audience) as found, count(*)::int as batches, coalesce(sum(size), 0)::int as messages
    from written`.execute(transaction);
  const [row] = rows;
  return row === undefined || row.found > most ? null : row;
}

/** Counts the audience, from which the place and the message ids of every batch follow. */
async function writeCounts(
  transaction: Transaction<Tables>,
  { id: mailingId, filter }: Mailing,
  position: number,
): Promise<Totals> {
  // Ordered by their bytes, not by a locale.
  const { rows: zones } = await sql<{ timezone: string; clients: number }>`
    select timezone collate "C" as timezone, count(*)::int as clients from client
    where ${audienceCondition(filter)} group by 1 order by 1`.execute(transaction);
  const clients = zones.map((zone) => zone.clients);
  await sql`
    insert into plan_cut (mailing_id, position, filter, first_message_id, timezones, clients, last_ids)
    select ${mailingId}, ${position}, ${JSON.stringify(filter)}, next, ${zones.map(({ timezone }) => timezone)}::text[],
      ${clients}::int[], ${clients.map(() => NO_CLIENT)}::uuid[] from message_counter`.execute(transaction);
  return totalsOf(clients);
}
