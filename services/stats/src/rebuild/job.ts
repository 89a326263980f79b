import type { StatsDifference, StatsRebuild } from '@herald/contracts';
import { type Kysely, type QueryExecutorProvider, sql, type Transaction } from 'kysely';
import { newestNumber, type PointerTables, readPointer } from '../generations/pointer.ts';
import { sideOf } from './side.ts';

/** A job as it stands in the database: one at a time, and the last one stays to be looked at. */
export interface Job {
  readonly id: string;
  /** `rebuild` makes a generation and serves it, `verify` makes one, compares and drops it, `use` serves one that was kept. */
  readonly kind: StatsRebuild['kind'];
  readonly state: StatsRebuild['state'];
  /** The generation that is folded for it. */
  readonly generation: number;
  readonly lanes: number;
  /** The generation that was served when it began. */
  readonly replaces: number;
}

interface Row {
  id: string;
  kind: StatsRebuild['kind'];
  state: StatsRebuild['state'];
  generation: number;
  lanes: number;
  replaces: number;
  events: number;
  total: number;
  per_second: number | null;
  started_at: Date;
  ended_at: Date | null;
  hold_ms: number | null;
  differences: StatsRebuild['differences'];
  differences_found: number;
  error: string | null;
}

/** The job is over: somebody else has carried it out, or it was cancelled. Nothing has changed. */
export class JobOverError extends Error {
  override readonly name = 'JobOverError';
}

/** The job under way; null where none is. */
export async function runningJob(database: QueryExecutorProvider): Promise<Job | null> {
  const { rows } = await sql<Row>`select * from stats.rebuild where ended_at is null`.execute(database);
  return rows[0] ?? null;
}

/** The job under way, or the last one; null where there never was one. */
export async function lastJob(database: Kysely<PointerTables>): Promise<StatsRebuild | null> {
  const { rows } = await sql<Row>`select * from stats.rebuild`.execute(database);
  const row = rows[0];
  if (row === undefined) return null;
  const isOver = row.ended_at !== null;
  const left = row.total - row.events;
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    generation: row.generation,
    lanes: row.lanes,
    events: row.events,
    total: row.total,
    perSecond: row.per_second === null ? null : Math.round(row.per_second),
    secondsLeft:
      isOver || row.per_second === null || row.per_second <= 0 ? null : Math.ceil(left / row.per_second),
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    holdMs: row.hold_ms,
    differencesFound: row.differences_found,
    differences: row.differences,
    error: row.error,
  };
}

/** What is asked for. */
export type Wish =
  | { readonly kind: 'rebuild' | 'verify'; readonly lanes: number | null }
  | { readonly kind: 'use'; readonly generation: number };

/** Why a job does not begin. */
export type JobRefusal =
  | { readonly code: 'job-running'; readonly kind: StatsRebuild['kind'] }
  | { readonly code: 'generation-not-found' }
  | { readonly code: 'generation-served' };

/**
 * Begins a job, or joins the one of the same kind that is under way.
 *
 * @returns null where it began or was joined
 */
export async function beginJob(
  database: Kysely<PointerTables>,
  wish: Wish,
  jobId: string,
): Promise<JobRefusal | null> {
  return database.transaction().execute(async (transaction) => {
    await sql`lock table stats.rebuild`.execute(transaction);
    const running = await runningJob(transaction);
    if (running !== null) return joins(running, wish) ? null : { code: 'job-running', kind: running.kind };
    const served = await readPointer(transaction);
    if (served === null) throw new Error('the pointer to the generation is missing');
    if (wish.kind === 'use' && wish.generation === served) return { code: 'generation-served' };
    // A number is never used again: an instance may not have heard yet that the last one is over.
    const last = (await sql<Row>`select * from stats.rebuild`.execute(transaction)).rows[0]?.generation ?? 0;
    const made = wish.kind === 'use' ? wish.generation : Math.max(await newestNumber(transaction), last) + 1;
    const lanes =
      wish.kind === 'use'
        ? ((await sideOf(transaction, made))?.lanes ?? null)
        : (wish.lanes ?? (await sideOf(transaction, served))?.lanes ?? null);
    if (lanes === null) return { code: 'generation-not-found' };
    await sql`delete from stats.rebuild`.execute(transaction);
    await sql`
      insert into stats.rebuild (id, kind, state, generation, lanes, replaces)
      values (${jobId}, ${wish.kind}, 'folding', ${made}, ${lanes}, ${served})`.execute(transaction);
    return null;
  });
}

function joins(running: Job, wish: Wish): boolean {
  if (running.kind !== wish.kind) return false;
  if (wish.kind === 'use') return wish.generation === running.generation;
  return wish.lanes === null || wish.lanes === running.lanes;
}

type Progress = Partial<Pick<Row, 'state' | 'events' | 'total' | 'per_second'>>;

/** Writes how far a job is. */
export async function noteProgress(
  database: Kysely<PointerTables>,
  { id }: Job,
  { state, events, total, per_second }: Progress,
): Promise<void> {
  await sql`
    update stats.rebuild set state = coalesce(${state ?? null}, state), events = coalesce(${events ?? null}, events),
      total = coalesce(${total ?? null}, total), per_second = coalesce(${per_second ?? null}, per_second)
    where id = ${id} and ended_at is null and state <> 'cleaning'`.execute(database);
}

/** So many differences are kept to be looked at, since an answer must fit a message of the broker; all are counted. */
const MOST_DIFFERENCES = 2_000;

/** Notes what a comparison has found, of a job that has to clean up before it ends. */
export async function noteDifferences(
  transaction: Transaction<PointerTables>,
  { id }: Job,
  differences: readonly StatsDifference[],
  holdMs: number,
): Promise<void> {
  await sql`
    update stats.rebuild set state = 'cleaning', error = null, hold_ms = ${Math.round(holdMs)}, events = total,
      differences_found = ${differences.length},
      differences = ${JSON.stringify(differences.slice(0, MOST_DIFFERENCES))}::jsonb
    where id = ${id} and ended_at is null`.execute(transaction);
}

/** Ends a job; part of the transaction that moves the pointer, where it does. */
export async function endJob(
  transaction: Kysely<PointerTables> | Transaction<PointerTables>,
  { id }: Job,
  outcome: {
    readonly state: 'done' | 'failed';
    readonly differences?: readonly StatsDifference[];
    readonly holdMs?: number;
    readonly error?: string;
  },
): Promise<void> {
  const differences = outcome.differences ?? [];
  await sql`
    update stats.rebuild set state = ${outcome.state}, ended_at = now(), error = ${outcome.error ?? null},
      events = case when ${outcome.state} = 'done' then total else events end,
      hold_ms = ${outcome.holdMs === undefined ? null : Math.round(outcome.holdMs)}, differences_found = ${differences.length},
      differences = ${JSON.stringify(differences.slice(0, MOST_DIFFERENCES))}::jsonb
    where id = ${id} and ended_at is null`.execute(transaction);
}

/** Notes why a job does not get on; it goes on all the same. */
export async function noteTrouble(
  database: Kysely<PointerTables>,
  { id }: Job,
  error: string,
): Promise<void> {
  await sql`update stats.rebuild set error = ${error} where id = ${id} and ended_at is null`.execute(
    database,
  );
}

/** Ends a job that cannot be carried out. What was made to compare is cleaned up first, by {@link cleaned}. */
export async function failJob(database: Kysely<PointerTables>, job: Job, error: string): Promise<void> {
  if (job.kind !== 'verify') return endJob(database, job, { state: 'failed', error });
  await sql`
    update stats.rebuild set state = 'cleaning', error = ${error} where id = ${job.id} and ended_at is null`.execute(
    database,
  );
}

/** The job under way is given up. @returns false where there is none */
export async function cancelJob(database: Kysely<PointerTables>): Promise<boolean> {
  const job = await runningJob(database);
  if (job === null) return false;
  if (job.state !== 'cleaning') await failJob(database, job, 'it was cancelled');
  return true;
}

/** What was made to compare is gone: the job is over. */
export async function cleaned(transaction: QueryExecutorProvider, { id }: Job): Promise<void> {
  await sql`
    update stats.rebuild set state = case when error is null then 'done' else 'failed' end, ended_at = now()
    where id = ${id} and ended_at is null`.execute(transaction);
}
