import { type QueryExecutorProvider, sql } from 'kysely';
import { OUTCOME_BYTES, readOutcome } from '../../database/batch-outcomes.ts';
import { Cells } from './cells.ts';

/** A batch: all of its clients are of one time zone. */
interface Batch {
  readonly first_message_id: number;
  readonly messages: number;
  readonly timezone: string;
  readonly outcomes: Buffer | null;
}

/** How many batches are read at a time: some 0.8 MB, and twice that as the driver reads it. */
const PAGE = 200;

/**
 * Counts messages by something that their batch and their own end tell.
 *
 * @param valueIn for each batch, tells the value of a message by when it ended
 */
export async function countByBatch(
  transaction: QueryExecutorProvider,
  { mailingId, position }: { readonly mailingId: string; readonly position: number | null },
  valueIn: (batch: Batch) => (endedAt: Date | null) => string | null,
): Promise<Cells> {
  const cells = new Cells();
  for (let after = 0; ; ) {
    const { rows } = await sql<Batch>`
      select b.first_message_id, b.messages, b.timezone, nullif(o.outcomes, '') as outcomes
      from queued_batch b left join batch_outcomes o using (first_message_id)
      where b.mailing_id = ${mailingId}::uuid and b.first_message_id > ${after}::bigint
        and (${position}::bigint is null or b.queued_sequence <= ${position}::bigint)
      order by b.first_message_id limit ${PAGE}`.execute(transaction);
    for (const batch of rows) addBatch(cells, batch, position, valueIn(batch));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return cells;
    after = last.first_message_id;
  }
}

function addBatch(
  cells: Cells,
  { messages, outcomes }: Batch,
  position: number | null,
  valueAt: (endedAt: Date | null) => string | null,
): void {
  if (outcomes === null) {
    cells.add(valueAt(null), 'queued', messages);
    return;
  }
  for (let place = 0; place < messages; place += 1) {
    const bytes = outcomes.subarray(place * OUTCOME_BYTES, (place + 1) * OUTCOME_BYTES);
    const { status, endedAt, position: changedAt } = readOutcome(bytes);
    if (position !== null && changedAt > position) cells.add(valueAt(null), 'queued', 1);
    else cells.add(valueAt(endedAt), status, 1);
  }
}
