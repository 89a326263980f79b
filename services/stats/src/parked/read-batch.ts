import { type LogRecord, readLog } from '@herald/event-log';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import type { BatchName } from './batch-of.ts';

/** How long the log may take to answer, milliseconds: the lane's fold waits. */
const PATIENCE_MS = 4_000;

/**
 * Everything that the log says of a batch, up to where its lane is folded.
 *
 * @throws Error where the log does not answer in time
 */
export async function readBatch(
  { broker }: Dependencies['runtime'],
  model: Transaction<Tables>,
  { mailingId, batch, filter }: BatchName,
  { parkedAt, until }: { readonly parkedAt: number; readonly until: number },
): Promise<LogRecord[]> {
  // Nothing is said of a batch before its mailing has started; without a start the whole log would be searched.
  const { rows } = await sql<{ start: number }>`
    select least(
      coalesce(
        (select queued_sequence from queued_batch where mailing_id = ${mailingId}::uuid and batch = ${batch}),
        (select started_sequence from mailing where id = ${mailingId}::uuid),
        1),
      ${parkedAt}::bigint) as start`.execute(model);
  const found: LogRecord[] = [];
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const reading = { filter, startSequence: Math.max(1, rows[0]?.start ?? 1), stopAtEnd: true, signal };
  for await (const records of readLog(broker, reading)) found.push(...records);
  signal.throwIfAborted();
  return found.filter(({ sequence }) => sequence <= until);
}
