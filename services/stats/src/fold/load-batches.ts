import type { HeraldEvent } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import { BatchOutcomes } from '../database/batch-outcomes.ts';
import type { Tables } from '../database/tables.ts';
import { type BatchState, batchKey } from './batch-state.ts';

interface Named {
  readonly mailingId: string;
  readonly batch: number;
}

interface Row {
  readonly mailing_id: string;
  readonly batch: number;
  readonly first_message_id: number;
  readonly messages: number;
  readonly created_at: Date;
  readonly outcomes: Buffer | null;
}

/** Reads the batches of which the events say something, as they stand. One that the events queue themselves is new. */
export async function loadBatches(
  transaction: Transaction<Tables>,
  events: readonly HeraldEvent[],
): Promise<Map<string, BatchState>> {
  const batches = [...namedBatches(events).values()];
  if (batches.length === 0) return new Map();
  const { rows } = await sql<Row>`
    select b.mailing_id, b.batch, b.first_message_id, b.messages, b.created_at,
      nullif(o.outcomes, '') as outcomes
    from unnest(${batches.map((b) => b.mailingId)}::uuid[], ${batches.map((b) => b.batch)}::int[])
      as named (mailing_id, batch)
    join queued_batch b using (mailing_id, batch)
    left join batch_outcomes o on o.first_message_id = b.first_message_id`.execute(transaction);
  return new Map(rows.map((row) => [batchKey(row.mailing_id, row.batch), stateOf(row)]));
}

const stateOf = (row: Row): BatchState => ({
  mailingId: row.mailing_id,
  batch: row.batch,
  firstMessageId: row.first_message_id,
  messages: row.messages,
  queuedAt: row.created_at.getTime(),
  outcomes: row.outcomes === null ? null : new BatchOutcomes(row.outcomes),
  isChanged: false,
});

function namedBatches(events: readonly HeraldEvent[]): Map<string, Named> {
  const queued = new Set<string>();
  const named = new Map<string, Named>();
  for (const { type, data } of events) {
    if (!('batch' in data)) continue;
    const key = batchKey(data.mailingId, data.batch);
    if (type === 'MessagesQueued') queued.add(key);
    else if (type !== 'BatchCompleted' && !queued.has(key)) named.set(key, data);
  }
  return named;
}
