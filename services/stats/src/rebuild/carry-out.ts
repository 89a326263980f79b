import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_STREAM, type StatsDifference } from '@herald/contracts';
import { leaderInfo } from '@herald/event-log';
import { acquireLock, answeredWithin } from '@herald/postgres';
import { sql } from 'kysely';
import type { Dependencies } from '../dependencies.ts';
import { laneName } from '../fold/lane-names.ts';
import { schemaOf } from '../generations/pointer.ts';
import { compare } from './compare.ts';
import { foldUntilNear } from './fold-until-near.ts';
import { HoldFailedError, hold } from './hold.ts';
import { endJob, type Job, noteProgress } from './job.ts';
import { type Side, sideOf } from './side.ts';

/** How often a hold is tried that took too long or came at a bad moment, and the pause between, milliseconds. */
const HOLD_TRIES = 20;
const BETWEEN_HOLDS_MS = 1_000;
/** How long it may take until all instances have left a generation, milliseconds. */
const LEFT_WITHIN_MS = 30_000;

/**
 * Carries a job out to its end, from wherever it was left: waits until the generation is folded up to the end of the log,
 * compares beforehand what changes no more, and then, in a hold, the rest.
 *
 * @throws the signal's reason when it aborts; what broker and database throw
 */
export async function carryOut(dependencies: Dependencies, job: Job, signal: AbortSignal): Promise<void> {
  const { database, runtime } = dependencies;
  if (job.state === 'cleaning') return clean(dependencies, job, signal);
  const live = await sideOf(database, job.replaces);
  const rebuilt = await foldUntilNear(dependencies, job, signal);
  if (live === null) {
    await endJob(database, job, { state: 'failed', error: `the generation ${job.replaces} is gone` });
    return;
  }
  for (let tries = 1; ; tries += 1) {
    await noteProgress(database, job, { state: 'comparing' });
    const { position, differences } = await compareBefore(dependencies, live, rebuilt);
    signal.throwIfAborted();
    await noteProgress(database, job, { state: 'switching' });
    try {
      const holdMs = await hold(dependencies, job, { live, rebuilt }, position, differences);
      runtime.log.info(
        { job: job.id, kind: job.kind, generation: job.generation, holdMs },
        'generations were compared',
      );
      break;
    } catch (error) {
      if (!(error instanceof HoldFailedError)) throw error;
      runtime.log.warn({ job: job.id, reason: error.message, tries }, 'the lanes could not be held still');
      if (tries === HOLD_TRIES) {
        await endJob(database, job, { state: 'failed', error: error.message });
        return;
      }
      await sleep(BETWEEN_HOLDS_MS, undefined, { signal });
    }
    await foldUntilNear(dependencies, job, signal);
  }
  if (job.kind === 'verify') await clean(dependencies, job, signal);
}

/** Compares what will not change any more, without holding anything up. */
async function compareBefore(
  { database, runtime }: Dependencies,
  live: Side,
  rebuilt: Side,
): Promise<{ readonly position: number; readonly differences: StatsDifference[] }> {
  // What stands in the log now, and nothing later, may be behind a lane that has nothing to fold any more.
  const { state: log } = await leaderInfo(runtime.broker, EVENTS_STREAM);
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
    await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(database);
    await sql`
      update stats.rebuild set state = 'done', ended_at = now() where id = ${job.id} and ended_at is null`.execute(
      database,
    );
  } finally {
    for (const lock of locks) await lock.release();
  }
}
