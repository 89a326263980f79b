import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_STREAM, type StatsDifference } from '@herald/contracts';
import { leaderInfo } from '@herald/event-log';
import { acquireLock, answeredWithin, isOutage } from '@herald/postgres';
import { sql } from 'kysely';
import type { Dependencies } from '../dependencies.ts';
import { laneName } from '../fold/lane-names.ts';
import { readPointer, schemaOf } from '../generations/pointer.ts';
import { compare } from './compare.ts';
import { foldUntilNear } from './fold-until-near.ts';
import { HoldFailedError, hold } from './hold.ts';
import { cleaned, failJob, type Job, JobOverError, noteProgress, noteTrouble } from './job.ts';
import { type Side, sideOf } from './side.ts';

/** How often it is tried to hold the lanes still, how often to compare what cannot be read, and the pause between, milliseconds. */
const HOLD_TRIES = 20;
const OTHER_TRIES = 3;
const BETWEEN_TRIES_MS = 1_000;
/** How long it may take until all instances have left a generation, milliseconds. */
const LEFT_WITHIN_MS = 30_000;

/**
 * Carries a job out to its end, from wherever it was left: waits until the generation is folded up to the end of the log,
 * compares beforehand what was not touched lately, and then, in a hold, the rest. Where the generation that is served cannot be
 * compared at all, a rebuild serves the new one all the same: that is what it is asked for then.
 *
 * @throws the signal's reason when it aborts; what broker and database throw while they are away
 */
export async function carryOut(dependencies: Dependencies, job: Job, signal: AbortSignal): Promise<void> {
  try {
    if (job.state !== 'cleaning') await foldAndSwitch(dependencies, job, signal);
  } catch (error) {
    if (!(error instanceof JobOverError)) throw error;
  }
  if (job.kind === 'verify') await clean(dependencies, job, signal);
}

async function foldAndSwitch(dependencies: Dependencies, job: Job, signal: AbortSignal): Promise<void> {
  const { database, runtime } = dependencies;
  const live = await sideOf(database, job.replaces);
  let trouble = `the generation ${job.replaces} is gone`;
  let holds = 0;
  let others = 0;
  while (live !== null && holds < HOLD_TRIES && others < OTHER_TRIES) {
    const rebuilt = await foldUntilNear(dependencies, job, signal);
    try {
      return await compareAndHold(dependencies, job, { live, rebuilt }, signal);
    } catch (error) {
      if (error instanceof JobOverError || !isOfThisTry(error)) throw error;
      if (error instanceof HoldFailedError) holds += 1;
      else others += 1;
      trouble = String(error);
      runtime.log.warn({ err: error, job: job.id, holds, others }, 'two generations could not be compared');
      await noteTrouble(database, job, trouble);
      await sleep(BETWEEN_TRIES_MS, undefined, { signal });
    }
  }
  if (job.kind !== 'rebuild') return failJob(database, job, trouble);
  await serveUncompared(dependencies, job, await foldUntilNear(dependencies, job, signal), trouble);
}

/** Where a part is away the job waits; anything else may lie in what is compared. */
const isOfThisTry = (error: unknown): boolean => error instanceof HoldFailedError || !isOutage(error);

async function compareAndHold(
  dependencies: Dependencies,
  job: Job,
  pair: { readonly live: Side; readonly rebuilt: Side },
  signal: AbortSignal,
): Promise<void> {
  const { database, runtime } = dependencies;
  await noteProgress(database, job, { state: 'comparing' });
  const { position, differences } = await compareBefore(dependencies, pair.live, pair.rebuilt);
  signal.throwIfAborted();
  await noteProgress(database, job, { state: 'switching' });
  const holdMs = await hold(dependencies, job, pair, position, differences);
  runtime.log.info(
    { job: job.id, kind: job.kind, generation: job.generation, holdMs },
    'generations were compared',
  );
}

async function serveUncompared(
  dependencies: Dependencies,
  job: Job,
  rebuilt: Side,
  trouble: string,
): Promise<void> {
  dependencies.runtime.log.error(
    { job: job.id, trouble },
    'the new generation is served without a comparison',
  );
  const difference = { mailing: null, column: 'generation', live: trouble.slice(0, 500), rebuilt: null };
  await hold(dependencies, job, { live: null, rebuilt }, 0, [difference]);
}

/** Compares what was not touched behind a position, without holding anything up. */
async function compareBefore(
  { database, runtime }: Dependencies,
  live: Side,
  rebuilt: Side,
): Promise<{ readonly position: number; readonly differences: StatsDifference[] }> {
  // What stands in the log now, and nothing later, may be behind a lane that has nothing to fold any more.
  const { state: log } = await leaderInfo(runtime.broker, EVENTS_STREAM);
  // Fresh tables have no statistics yet, and the planner would take them for empty.
  await sql`analyze ${sql.join(ANALYZED.map((name) => sql.table(`${rebuilt.schema}.${name}`)))}`.execute(
    database,
  );
  // A large generation may take as long as it takes.
  return answeredWithin(0, () =>
    database
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        await sql`set local statement_timeout = 0`.execute(transaction);
        const position = Math.min(
          log.last_seq,
          await live.passed(transaction, runtime),
          await rebuilt.passed(transaction, runtime),
        );
        const pair = { live: live.schema, rebuilt: rebuilt.schema };
        return { position, differences: await compare(transaction, pair, { part: 'before', position }) };
      }),
  );
}

const ANALYZED = [
  'mailing',
  'mailing_version',
  'client_version',
  'queued_batch',
  'batch_outcomes',
  'message_error',
  'counter',
  'timeline',
  'count_change',
];

/** Drops the generation that was made to compare. Nobody folds it then: each of its locks is held meanwhile. */
async function clean(dependencies: Dependencies, job: Job, signal: AbortSignal): Promise<void> {
  const { database, databaseUrl, generations } = dependencies;
  generations.changed();
  const schema = schemaOf(job.generation);
  const within = AbortSignal.any([signal, AbortSignal.timeout(LEFT_WITHIN_MS)]);
  const locks = [];
  try {
    for (let lane = 0; lane < job.lanes; lane += 1)
      locks.push(await acquireLock(databaseUrl, `${schema}.${laneName(lane)}`, within));
    await database.transaction().execute(async (transaction) => {
      const { rows } = await sql`
        select from stats.rebuild where id = ${job.id} and ended_at is null for update`.execute(transaction);
      if (rows.length === 0 || (await readPointer(transaction)) === job.generation) return;
      await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(transaction);
      await cleaned(transaction, job);
    });
  } finally {
    for (const lock of locks) await lock.release();
  }
}
