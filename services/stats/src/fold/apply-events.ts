import type { Mailing } from '@herald/contracts';
import type { FoldedEvent } from '@herald/postgres';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { Chunk } from './chunk.ts';
import { loadBatches } from './load-batches.ts';
import { storableInstant } from './storable.ts';
import { insertBatches, writeErrors, writeOutcomes } from './write-batches.ts';
import { writeCounters } from './write-counters.ts';

/** Writes a chunk of events of one lane: folded in memory first, then set-based. */
export async function applyEvents(
  transaction: Transaction<Tables>,
  lane: number,
  events: readonly FoldedEvent[],
): Promise<void> {
  const known = await loadBatches(
    transaction,
    events.map(({ event }) => event),
  );
  const chunk = new Chunk(known);
  for (const { event, record } of events) chunk.add(event, record.sequence);
  await upsertMailings(transaction, [...chunk.mailings.values()]);
  await insertBatches(transaction, chunk.queued);
  await writeOutcomes(transaction, chunk.batches.values());
  await writeErrors(transaction, chunk.errors);
  await writeCounters(transaction, lane, chunk.tally);
}

async function upsertMailings(transaction: Transaction<Tables>, mailings: readonly Mailing[]): Promise<void> {
  if (mailings.length === 0) return;
  await sql`
    insert into mailing (id, name, status, created_at, audience_messages, settled)
    select * from unnest(
      ${mailings.map((m) => m.id)}::uuid[], ${mailings.map((m) => m.name)}::text[],
      ${mailings.map((m) => m.status)}::text[], ${mailings.map((m) => storableInstant(m.createdAt))}::timestamptz[],
      ${mailings.map((m) => m.audience?.messages ?? null)}::bigint[],
      ${mailings.map((m) => m.settledAt !== null)}::boolean[])
    on conflict (id) do update set
      name = excluded.name, status = excluded.status, settled = excluded.settled,
      audience_messages = excluded.audience_messages`.execute(transaction);
}
