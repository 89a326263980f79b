import { EVENTS_STREAM, parseEvent, type StatsDifference } from '@herald/contracts';
import { type LogRecord, leaderInfo, readLog } from '@herald/event-log';
import { type Checkpoint, type FoldedEvent, moveCheckpoint } from '@herald/postgres';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import { announceChanges } from '../fold/announce-changes.ts';
import { applyEvents } from '../fold/apply-events.ts';
import { filterOf, laneName, laneOf } from '../fold/lane-names.ts';
import { movePointer, type PointerTables } from '../generations/pointer.ts';
import { compare } from './compare.ts';
import { endJob, type Job, JobOverError, noteDifferences } from './job.ts';
import type { Side } from './side.ts';

/** So long all lanes are held still at the most, milliseconds. */
const HOLD_MS = 1_000;
/** A fold's transaction takes some ten milliseconds: what holds a checkpoint for longer than this is stuck. */
const LOCK_MS = 500;
/** So long its session may be silent in between, milliseconds. */
const IDLE_MS = 5_000;
/** So many records are folded in a hold at the most; there were 500 a moment ago, see `foldUntilNear`. */
const MOST_RECORDS = 5_000;

/** The lanes could not be held still now; nothing has changed. */
export class HoldFailedError extends Error {
  override readonly name = 'HoldFailedError';
}

interface Pair {
  /** Null where there is nothing to compare with. */
  readonly live: Side | null;
  readonly rebuilt: Side;
}

interface Lane {
  readonly name: string;
  readonly filter: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Holds all lanes of both generations still by the rows of their checkpoints, brings them to one position, compares what may
 * still change, and moves the pointer; all in one transaction. What asks reads meanwhile, and writes of folds wait.
 *
 * @param position up to which was compared before
 * @param before differences that were found then
 * @returns how long it took, milliseconds
 * @throws HoldFailedError where it takes too long or meets an event that cannot be folded; JobOverError
 */
export async function hold(
  dependencies: Pick<Dependencies, 'runtime' | 'database'>,
  job: Job,
  pair: Pair,
  position: number,
  before: readonly StatsDifference[],
): Promise<number> {
  const { database, runtime } = dependencies;
  const begin = performance.now();
  const { live, rebuilt } = pair;
  const sides = [...(live === null ? [] : [live]), rebuilt].sort((a, b) => a.generation - b.generation);
  const { state: log } = await leaderInfo(runtime.broker, EVENTS_STREAM);
  const passed = new Map<Side, number[]>();
  for (const side of sides) passed.set(side, await side.passedByLane(database, runtime));
  let held = begin;
  const limit = async (transaction: Transaction<PointerTables>): Promise<void> => {
    const left = Math.floor(HOLD_MS - (performance.now() - held));
    if (left <= 0) throw new HoldFailedError(`it took longer than ${HOLD_MS} ms`);
    await sql`select set_config('statement_timeout', ${String(left)}, true)`.execute(transaction);
  };
  try {
    const folded: FoldedEvent[] = [];
    const tookMs = await database.transaction().execute(async (transaction) => {
      // A machine that vanishes in here must not hold the folds for as long as TCP believes in it.
      await sql`
        select set_config('lock_timeout', ${String(LOCK_MS)}, true),
          set_config('idle_in_transaction_session_timeout', ${String(IDLE_MS)}, true)`.execute(transaction);
      await expectOpen(transaction, job);
      held = performance.now();
      const lanes = new Map<Side, readonly Lane[]>();
      for (const side of sides) {
        await limit(transaction);
        lanes.set(side, await lockCheckpoints(transaction, side));
      }
      const from = Math.min(
        ...sides.flatMap((side) => firstUnread(lanes.get(side) ?? [], passed.get(side) ?? [], log.last_seq)),
      );
      const records = await readRest(dependencies, from);
      for (const side of sides)
        for (const lane of lanes.get(side) ?? []) {
          await limit(transaction);
          const events = await bring(transaction, side, lane, records);
          if (side === rebuilt) folded.push(...events);
        }
      const scope = { part: 'since', position } as const;
      const since =
        live === null
          ? []
          : await compare(transaction, { live: live.schema, rebuilt: rebuilt.schema }, scope, () =>
              limit(transaction),
            );
      const differences = [...before, ...since];
      await limit(transaction);
      if (job.kind === 'verify') {
        await noteDifferences(transaction, job, differences, performance.now() - held);
      } else {
        await sql`update ${sql.table(`${rebuilt.schema}.layout`)} set served_at = now()`.execute(transaction);
        await movePointer(transaction, rebuilt.generation);
        await endJob(transaction, job, { state: 'done', differences, holdMs: performance.now() - held });
      }
      return Math.round(performance.now() - held);
    });
    announceChanges(runtime.broker, folded);
    return tookMs;
  } catch (error) {
    if (error instanceof HoldFailedError || !isTooSlow(error)) throw error;
    throw new HoldFailedError(`a statement was not done in time: ${String(error)}`);
  }
}

/** Keeps the job from ending meanwhile. @throws JobOverError where it has ended */
async function expectOpen(transaction: Transaction<PointerTables>, { id }: Job): Promise<void> {
  const { rows } = await sql`
    select from stats.rebuild where id = ${id} and ended_at is null and state <> 'cleaning' for update`.execute(
    transaction,
  );
  if (rows.length === 0) throw new JobOverError('the job is over');
}

/** SQLSTATE of a lock that was not had in time, and of a statement that was cancelled for taking too long. */
const TOO_SLOW = new Set(['55P03', '57014']);
const isTooSlow = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && TOO_SLOW.has(String(error.code));

async function lockCheckpoints(
  transaction: Transaction<PointerTables>,
  { schema, lanes }: Side,
): Promise<Lane[]> {
  const { rows } = await sql<{
    name: string;
    sequence: number;
    stream_created: string;
    last_event_id: string | null;
  }>`
    select name, sequence, stream_created, last_event_id from ${sql.table(`${schema}.checkpoint`)}
    order by name for update`.execute(transaction);
  if (rows.length !== lanes) throw new HoldFailedError(`${schema} is not folded in all lanes yet`);
  const byName = new Map(rows.map((row) => [row.name, row]));
  return Array.from({ length: lanes }, (_, lane) => {
    const row = byName.get(laneName(lane));
    if (row === undefined) throw new HoldFailedError(`${schema} has no ${laneName(lane)}`);
    const { sequence, stream_created: streamCreated, last_event_id: lastEventId } = row;
    return {
      name: row.name,
      filter: filterOf(lane, lanes),
      checkpoint: { sequence, streamCreated, lastEventId },
    };
  });
}

/** The first position that may hold something for each lane. An idle lane's checkpoint may be days old. */
const firstUnread = (lanes: readonly Lane[], passed: readonly number[], last: number): number[] =>
  lanes.map(({ checkpoint }, lane) => 1 + Math.max(checkpoint.sequence, Math.min(passed[lane] ?? 0, last)));

/** What stands in the log from a position on. */
async function readRest(
  { runtime }: Pick<Dependencies, 'runtime'>,
  startSequence: number,
): Promise<LogRecord[]> {
  const { state } = await leaderInfo(runtime.broker, EVENTS_STREAM);
  const count = state.last_seq - startSequence + 1;
  if (count <= 0) return [];
  if (count > MOST_RECORDS) throw new HoldFailedError(`${count} records are not folded yet`);
  const rest: LogRecord[] = [];
  const signal = AbortSignal.timeout(HOLD_MS);
  for await (const records of readLog(runtime.broker, {
    filter: 'events.>',
    startSequence,
    stopAtEnd: true,
    signal,
  }))
    rest.push(...records);
  if (signal.aborted) throw new HoldFailedError('the log was not read in time');
  return rest.filter(({ sequence }) => sequence <= state.last_seq);
}

/** Folds what a lane has not folded yet. */
async function bring(
  transaction: Transaction<PointerTables>,
  { schema }: Side,
  { name, filter, checkpoint }: Lane,
  records: readonly LogRecord[],
): Promise<readonly FoldedEvent[]> {
  const own = records.filter(
    ({ sequence, subject }) => sequence > checkpoint.sequence && isOf(filter, subject),
  );
  const last = own.at(-1);
  if (last === undefined) return [];
  const events = own.map(readEvent);
  await sql`select set_config('search_path', ${schema}, true)`.execute(transaction);
  const model = transaction as unknown as Transaction<Tables>;
  await moveCheckpoint(model, name, checkpoint, {
    sequence: last.sequence,
    lastEventId: events.at(-1)?.event.id ?? null,
    storedAt: last.storedAt,
  });
  await applyEvents(model, laneOf(name), events);
  return events;
}

const isOf = (filter: string, subject: string): boolean => subject.startsWith(filter.replace('>', ''));

/** What cannot be folded is parked by its fold, which knows how: until then there is no hold. */
function readEvent(record: LogRecord): FoldedEvent {
  try {
    return { record, event: parseEvent(record.text) };
  } catch (error) {
    throw new HoldFailedError(`position ${record.sequence} cannot be read: ${String(error)}`);
  }
}
