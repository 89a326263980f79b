import type { FoldedEvent } from '@herald/postgres';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { Portion } from './portion.ts';
import { Tally } from './tally.ts';
import { writeCounters, writeTimeline } from './write-counters.ts';
import { endMessages, insertMessages, noteRetries } from './write-messages.ts';

/** Writes a portion of events of one lane: folded in memory first, then set-based. */
export async function applyEvents(
  transaction: Transaction<Tables>,
  lane: number,
  events: readonly FoldedEvent[],
): Promise<void> {
  const portion = new Portion();
  const tally = new Tally();
  for (const { event, record } of events) portion.add(event, record.sequence);
  await upsertMailings(transaction, portion);
  await insertBatches(transaction, portion);
  await insertMessages(transaction, [...portion.newMessages.values()], tally);
  await noteRetries(transaction, portion.retries, tally);
  await endMessages(transaction, portion.ends, tally);
  for (const [mailingId, count] of portion.retriesOfMailing) tally.retried(mailingId, count);
  await writeCounters(transaction, lane, tally);
  await writeTimeline(transaction, lane, tally);
}

async function upsertMailings(transaction: Transaction<Tables>, { mailings }: Portion): Promise<void> {
  if (mailings.size === 0) return;
  const all = [...mailings.values()];
  await sql`
    insert into mailing (id, name, status, created_at, audience_messages, settled)
    select * from unnest(
      ${all.map((m) => m.id)}::uuid[], ${all.map((m) => m.name)}::text[], ${all.map((m) => m.status)}::text[],
      ${all.map((m) => m.createdAt)}::timestamptz[], ${all.map((m) => m.audience?.messages ?? null)}::bigint[],
      ${all.map((m) => m.settledAt !== null)}::boolean[])
    on conflict (id) do update set
      name = excluded.name, status = excluded.status, settled = excluded.settled,
      audience_messages = excluded.audience_messages`.execute(transaction);
}

async function insertBatches(transaction: Transaction<Tables>, { batches }: Portion): Promise<void> {
  if (batches.length === 0) return;
  await sql`
    insert into batch (mailing_id, batch, queued_sequence)
    select * from unnest(
      ${batches.map((b) => b.mailingId)}::uuid[], ${batches.map((b) => b.batch)}::int[],
      ${batches.map((b) => b.sequence)}::bigint[])`.execute(transaction);
}
