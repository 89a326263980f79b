import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_STREAM } from '@herald/contracts';
import { leaderInfo } from '@herald/event-log';
import type { Dependencies } from '../dependencies.ts';
import { type Job, JobOverError, noteProgress, runningJob } from './job.ts';
import { type Side, sideOf } from './side.ts';

/** How often it is looked how far the folds are, milliseconds. They run in any instance, so the database tells. */
const LOOK_MS = 500;
/** So many records of the log before its end a generation is near enough to be compared: a hold folds the rest. */
const NEAR = 500;
/** Over which time the rate is measured, milliseconds. */
const RATE_MS = 10_000;

interface Sample {
  readonly at: number;
  readonly events: number;
}

/**
 * Waits until the generation of a job is folded to near the end of the log, and notes how far it is.
 *
 * @throws JobOverError; the signal's reason when it aborts; what broker and database throw
 */
export async function foldUntilNear(
  { database, runtime }: Dependencies,
  job: Job,
  signal: AbortSignal,
): Promise<Side> {
  const samples: Sample[] = [];
  for (;;) {
    signal.throwIfAborted();
    const now = await runningJob(database);
    if (now?.id !== job.id || now.state === 'cleaning') throw new JobOverError('the job is over');
    const { state: log } = await leaderInfo(runtime.broker, EVENTS_STREAM);
    const side = await sideOf(database, job.generation);
    if (side !== null) {
      const passed = (await side.passedByLane(database, runtime)).map((lane) => Math.min(lane, log.last_seq));
      // Each lane goes through the whole log, and passes what is not its own.
      const events = Math.round(passed.reduce((sum, lane) => sum + lane, 0) / side.lanes);
      samples.push({ at: performance.now(), events });
      await noteProgress(database, job, {
        events,
        total: log.last_seq,
        ...rateOf(samples),
      });
      if (log.last_seq - Math.min(...passed) <= NEAR) return side;
    }
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** Of the last seconds; nothing before there are two looks. */
function rateOf(samples: Sample[]): { per_second?: number } {
  const last = samples.at(-1);
  while (samples.length > 2 && last !== undefined && last.at - (samples[0]?.at ?? 0) > RATE_MS)
    samples.shift();
  const [first] = samples;
  if (first === undefined || last === undefined || first === last) return {};
  return { per_second: ((last.events - first.events) * 1_000) / (last.at - first.at) };
}
