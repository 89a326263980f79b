import { BATCH_SIZE, type Client, type Mailing } from '@herald/contracts';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../src/database/tables.ts';
import { audienceCondition } from '../src/plan/audience-condition.ts';

/** A plan as it stands in the database, for comparison. */
export interface PlannedBatches {
  readonly messages: number;
  readonly batches: ReadonlyArray<{
    readonly batch: number;
    readonly timezone: string;
    readonly first_message_id: number;
    readonly client_ids: readonly string[];
  }>;
}

/** Makes the directory that {@link planByOneStatement} reads. */
export async function makeReference(database: Kysely<Tables>): Promise<void> {
  await sql`create schema reference`.execute(database);
  await sql`
    create table reference.client (
      id uuid primary key, operator_code text not null, tag text not null, timezone text not null
    )`.execute(database);
}

/**
 * Plans a mailing as releases before 0038 did, by one statement over the directory at its start. Batches, message ids and
 * their order are what replays of old logs must lead to.
 *
 * @param next the first message id
 */
export async function planByOneStatement(
  database: Kysely<Tables>,
  mailing: Mailing,
  clients: readonly Client[],
  next: number,
): Promise<PlannedBatches> {
  await sql`truncate reference.client`.execute(database);
  const column = (name: keyof Client): unknown[] => clients.map((client) => client[name]);
  await sql`
    insert into reference.client
    select * from unnest(${column('id')}::uuid[], ${column('operatorCode')}::text[], ${column('tag')}::text[],
      ${column('timezone')}::text[])`.execute(database);
  const { rows: batches } = await sql<PlannedBatches['batches'][number]>`
    with numbered as (
      select id, timezone, (row_number() over (partition by timezone order by id) - 1) / ${BATCH_SIZE}::int as chunk
      from reference.client where ${audienceCondition(mailing.filter)}
    ), chunks as (
      select timezone, chunk, array_agg(id order by id) as client_ids from numbered group by timezone, chunk
    ), placed as (
      select timezone, client_ids, cardinality(client_ids) as size,
        row_number() over (order by chunk, timezone collate "C") - 1 as batch,
        sum(cardinality(client_ids)) over (order by chunk, timezone collate "C") as upto
      from chunks
    )
    select batch::int, timezone, ${next}::bigint + upto - size as first_message_id, client_ids from placed
    order by batch`.execute(database);
  return { messages: batches.reduce((sum, batch) => sum + batch.client_ids.length, 0), batches };
}

/** Reads what is planned for a mailing. */
export async function readPlan(database: Kysely<Tables>, mailingId: string): Promise<PlannedBatches> {
  const { rows: plans } = await sql<{ messages: number }>`
    select messages from plan where mailing_id = ${mailingId}`.execute(database);
  const { rows: batches } = await sql<PlannedBatches['batches'][number]>`
    select batch, timezone, first_message_id, client_ids from plan_batch where mailing_id = ${mailingId}
    order by batch`.execute(database);
  return { messages: plans[0]?.messages ?? -1, batches };
}
