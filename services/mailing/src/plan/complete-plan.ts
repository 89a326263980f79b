import { BATCH_SIZE } from '@herald/contracts';
import { answeredWithin } from '@herald/postgres';
import { sql, type Transaction } from 'kysely';
import { FOLD } from '../database/look.ts';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import { lastEntity } from '../fold/look-ahead.ts';
import { audienceThen } from './clients-then.ts';
import { cutAsBefore, cutOthers, type OpenPlan } from './cut-rest.ts';
import { lockCounter, useUpTo } from './message-counter.ts';
import { findAudience, lastIdOf, type QueuedBatch, readQueued } from './plan-in-log.ts';
import { NO_CLIENT } from './write-batches.ts';

/**
 * Decides what is left to cut of a plan that the fold left open, once everything is folded that stood in the log then. The
 * batches that the log holds stay as they are, with their numbers, clients and message ids. Where they are what cutting leads
 * to, the rest is what cutting leads to as well. Where not (another release has cut them, say), whoever fits the filter as of
 * the start and stands in none of them is put into further batches, under numbers and message ids that nobody has.
 *
 * @param signal ends it; nothing is written then
 */
export async function completePlan(
  { database, runtime }: Dependencies,
  mailingId: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await findAudience(runtime.broker, mailingId)) !== null) {
    // Its last batch was appended meanwhile: the fold will come to that.
    const until = await lastEntity(runtime.broker);
    await sql`
      update plan_cut set known_until = ${until}
      where mailing_id = ${mailingId} and first_message_id is null`.execute(database);
    return;
  }
  // One statement over a large audience takes longer than a statement of a service may.
  await answeredWithin(0, () =>
    database.transaction().execute(async (transaction) => {
      await sql`set local statement_timeout = 0`.execute(transaction);
      const plan = await lockOpen(transaction, mailingId);
      if (plan === undefined) return;
      await sql`delete from plan_batch where mailing_id = ${mailingId}`.execute(transaction);
      let queued = 0;
      let last = 0;
      for await (const batches of readQueued(runtime.broker, mailingId, plan.position, signal)) {
        await writeQueued(transaction, mailingId, batches);
        queued += batches.length;
        for (const batch of batches) last = Math.max(last, lastIdOf(batch));
      }
      await lockCounter(transaction);
      await useUpTo(transaction, last);
      if (queued === 0) await cutLater(transaction, mailingId, plan);
      else await cutRest(transaction, mailingId, plan);
    }),
  );
  runtime.log.info({ mailingId }, 'what is left of a plan is known');
}

/** The row of the plan, locked: of two instances the second one finds nothing to do. */
async function lockOpen(transaction: Transaction<Tables>, mailingId: string): Promise<OpenPlan | undefined> {
  const { rows } = await sql<OpenPlan>`
    select position, filter from plan_cut
    where mailing_id = ${mailingId} and first_message_id is null
      and known_until <= (select sequence from checkpoint where name = ${FOLD})
    for update`.execute(transaction);
  return rows[0];
}

async function writeQueued(
  transaction: Transaction<Tables>,
  mailingId: string,
  batches: readonly QueuedBatch[],
): Promise<void> {
  for (const { batch, timezone, firstMessageId, clientIds } of batches) {
    await sql`
      insert into plan_batch (mailing_id, batch, timezone, first_message_id, client_ids)
      values (${mailingId}, ${batch}, ${timezone}, ${firstMessageId}, ${clientIds}::uuid[])`.execute(
      transaction,
    );
  }
}

/** Nothing of it is in the log: it is counted and gets its message ids now, and is cut page by page. */
async function cutLater(
  transaction: Transaction<Tables>,
  mailingId: string,
  { filter, position }: OpenPlan,
): Promise<void> {
  await sql`
    with zone as (
      select timezone collate "C" as timezone, count(*)::int as clients
      from (${audienceThen(filter, position)}) as audience group by 1
    ), counted as (
      select coalesce(array_agg(timezone order by timezone), '{}') as timezones,
        coalesce(array_agg(clients order by timezone), '{}') as clients,
        coalesce(array_agg(${NO_CLIENT}::uuid), '{}') as last_ids,
        coalesce(sum(clients), 0)::bigint as messages,
        coalesce(sum((clients + ${BATCH_SIZE}::int - 1) / ${BATCH_SIZE}::int), 0)::int as batches
      from zone
    ), moved as (
      update message_counter set next = next + counted.messages from counted
    ), planned as (
      update plan set messages = counted.messages, batches = counted.batches, first_message_id = next
      from counted, message_counter where mailing_id = ${mailingId}
    )
    update plan_cut set first_message_id = next, timezones = counted.timezones, clients = counted.clients,
      last_ids = counted.last_ids
    from counted, message_counter where mailing_id = ${mailingId}`.execute(transaction);
}

/** A part of it is in the log, and in `plan_batch`: the rest is written beside it. */
async function cutRest(transaction: Transaction<Tables>, mailingId: string, plan: OpenPlan): Promise<void> {
  if (!(await cutAsBefore(transaction, mailingId, plan))) await cutOthers(transaction, mailingId, plan);
  await sql`delete from plan_cut where mailing_id = ${mailingId}`.execute(transaction);
  await sql`
    update plan set messages = written.messages, batches = written.batches, first_message_id = written.first
    from (
      select sum(cardinality(client_ids)) as messages, count(*)::int as batches, min(first_message_id) as first
      from plan_batch where mailing_id = ${mailingId}
    ) as written where mailing_id = ${mailingId}`.execute(transaction);
}
