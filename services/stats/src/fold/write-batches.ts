import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { BatchState } from './batch-state.ts';
import type { QueuedBatch } from './chunk.ts';
import { uuidArray } from './uuid-array.ts';

/**
 * Writes the batches that became known, each once and for good, and that all of their messages are queued.
 *
 * @throws the driver's error where a batch or a message of it is queued already
 */
export async function insertBatches(
  transaction: Transaction<Tables>,
  batches: readonly QueuedBatch[],
): Promise<void> {
  if (batches.length === 0) return;
  // Ids of all batches go in one array, from which each row takes its own.
  const ends: number[] = [];
  for (const { clientIds } of batches) ends.push((ends.at(-1) ?? 0) + clientIds.length);
  await sql`
    with queued as (
      insert into queued_batch (mailing_id, batch, first_message_id, messages, created_at, queued_sequence, timezone, client_ids)
      select mailing_id, batch, first_message_id, messages, created_at, queued_sequence, timezone,
        (${uuidArray(batches.flatMap((b) => b.clientIds))}::uuid[])[last - messages + 1 : last]
      from unnest(
        ${batches.map((b) => b.mailingId)}::uuid[], ${batches.map((b) => b.batch)}::int[],
        ${batches.map((b) => b.firstMessageId)}::bigint[], ${batches.map((b) => b.clientIds.length)}::smallint[],
        ${batches.map((b) => b.createdAt)}::timestamptz[], ${batches.map((b) => b.sequence)}::bigint[],
        ${batches.map((b) => b.timezone)}::text[], ${ends}::int[])
        as q (mailing_id, batch, first_message_id, messages, created_at, queued_sequence, timezone, last)
      returning first_message_id, messages
    )
    insert into batch_outcomes (first_message_id, queued, sent, failed, expired, cancelled, unknown, outcomes)
    select first_message_id, messages, 0, 0, 0, 0, 0, '' from queued`.execute(transaction);
}

/** Writes what became of the messages of a chunk: one row for each batch, however many of its messages it was about. */
export async function writeOutcomes(
  transaction: Transaction<Tables>,
  batches: Iterable<BatchState>,
): Promise<void> {
  const ids: number[] = [];
  const bytes: Buffer[] = [];
  const counts: number[][] = [];
  for (const { isChanged, firstMessageId, outcomes } of batches) {
    if (!isChanged || outcomes === null) continue;
    ids.push(firstMessageId);
    bytes.push(outcomes.bytes);
    counts.push(outcomes.counts());
  }
  if (ids.length === 0) return;
  const count = (status: number): number[] => counts.map((row) => row[status] ?? 0);
  await sql`
    insert into batch_outcomes (first_message_id, queued, sent, failed, expired, cancelled, unknown, outcomes)
    select * from unnest(
      ${ids}::bigint[], ${count(0)}::smallint[], ${count(1)}::smallint[], ${count(2)}::smallint[],
      ${count(3)}::smallint[], ${count(4)}::smallint[], ${count(5)}::smallint[], ${bytes}::bytea[])
    on conflict (first_message_id) do update set
      queued = excluded.queued, sent = excluded.sent, failed = excluded.failed, expired = excluded.expired,
      cancelled = excluded.cancelled, unknown = excluded.unknown, outcomes = excluded.outcomes`.execute(
    transaction,
  );
}

/** Writes the last errors of a chunk, and takes those away that are no more. */
export async function writeErrors(
  transaction: Transaction<Tables>,
  errors: ReadonlyMap<number, string | null>,
): Promise<void> {
  const gone: number[] = [];
  const ids: number[] = [];
  const texts: string[] = [];
  for (const [id, error] of errors) {
    if (error === null) gone.push(id);
    else {
      ids.push(id);
      texts.push(error);
    }
  }
  if (gone.length > 0) {
    await sql`delete from message_error where message_id = any(${gone}::bigint[])`.execute(transaction);
  }
  if (ids.length === 0) return;
  await sql`
    insert into message_error (message_id, error) select * from unnest(${ids}::bigint[], ${texts}::text[])
    on conflict (message_id) do update set error = excluded.error`.execute(transaction);
}
