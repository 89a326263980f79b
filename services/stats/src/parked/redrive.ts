import type { Redriven, redriveStatsQuery } from '@herald/contracts';
import { type Broker, type LogRecord, loadRecord } from '@herald/event-log';
import { applyEach, park, parseAll } from '@herald/postgres';
import { sql, type Transaction } from 'kysely';
import type { z } from 'zod';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import { applyEvents } from '../fold/apply-events.ts';
import { laneOf } from '../fold/lane-names.ts';
import { POINTER_SCHEMA, schemaOf } from '../generations/pointer.ts';
import { runningJob } from '../rebuild/job.ts';
import { type BatchName, batchOf } from './batch-of.ts';
import { forgetBatch } from './forget-batch.ts';
import { readBatch } from './read-batch.ts';

type Place = z.infer<typeof redriveStatsQuery.request>;

/**
 * Drives a parked event again, so that the model is what it would be without the trouble. What is said of a client or of a
 * mailing stands at its position, whatever was folded since. What is said of messages depends on what was said of them
 * before, so the whole batch is folded again in its order: all that is parked of it is driven together.
 *
 * The lane's checkpoint is held meanwhile: its fold waits.
 */
export async function redrive({ database, runtime }: Dependencies, place: Place): Promise<Redriven> {
  return database.transaction().execute(async (transaction) => {
    // A machine that vanishes in here must not hold the fold for as long as TCP believes in it.
    await sql`select set_config('idle_in_transaction_session_timeout', '10s', true)`.execute(transaction);
    // A job may have compared what this would change, and serve another generation in a moment.
    await sql`lock table stats.rebuild in share mode`.execute(transaction);
    const job = await runningJob(transaction);
    if (job !== null)
      return { outcome: 'parked', error: `a job on the generations runs (${job.kind}): try again behind it` };
    // Held still, so that no switch of generations comes in between.
    const { rows: pointers } = await sql<{ generation: number }>`
      select generation from ${sql.table(`${POINTER_SCHEMA}.pointer`)} for share`.execute(transaction);
    const generation = pointers[0]?.generation;
    if (generation === undefined) throw new Error('the pointer to the generation is missing');
    await sql`select set_config('search_path', ${schemaOf(generation)}, true)`.execute(transaction);
    const model = transaction as unknown as Transaction<Tables>;
    const { rows: checkpoints } = await sql<{ sequence: number }>`
      select sequence from checkpoint where name = ${place.fold} for update`.execute(model);
    const until = checkpoints[0]?.sequence;
    const { rows: parked } = await sql<{ subject: string }>`
      select subject from parked_event where fold = ${place.fold} and sequence = ${place.position}::bigint`.execute(
      model,
    );
    const subject = parked[0]?.subject;
    if (until === undefined || subject === undefined) return { outcome: 'not-found', error: null };
    const batch = batchOf(subject);
    const records =
      batch === null
        ? await readOne(runtime.broker, place.position)
        : await readBatch(runtime, model, batch, { parkedAt: place.position, until });
    return foldAgain(model, place, batch, records);
  });
}

async function foldAgain(
  model: Transaction<Tables>,
  { fold, position }: Place,
  batch: BatchName | null,
  records: readonly LogRecord[],
): Promise<Redriven> {
  const lane = laneOf(fold);
  const { readable, unreadable, newer } = parseAll(records);
  // What only a newer release can read may stand between them: nothing is taken out that cannot be put in again.
  if (newer !== null) return { outcome: 'parked', error: String(newer.error) };
  const positions = records.map(({ sequence }) => sequence);
  if (batch !== null) await forgetBatch(model, lane, batch, positions);
  await sql`
    delete from parked_event where fold = ${fold} and sequence = any(${positions}::bigint[])`.execute(model);
  const unwritable = await applyEach(model, readable, (within, events) => applyEvents(within, lane, events));
  const failed = [...unreadable, ...unwritable];
  for (const { record, error } of failed) await park(model, fold, record, error);
  const own = failed.find(({ record }) => record.sequence === position);
  return own === undefined
    ? { outcome: 'folded', error: null }
    : { outcome: 'parked', error: String(own.error) };
}

async function readOne(broker: Broker, position: number): Promise<LogRecord[]> {
  const record = await loadRecord(broker, position);
  return record === null ? [] : [record];
}
