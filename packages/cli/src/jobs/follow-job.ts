import { setTimeout as sleep } from 'node:timers/promises';
import type { Query } from '../api/http-call.ts';
import { outlast } from '../api/outlast.ts';
import type { Context } from '../context.ts';
import { InterruptedError, NotReachableError, RefusedError } from '../failures.ts';
import { noteTrouble } from '../output/note-trouble.ts';
import { startProgress } from '../output/progress.ts';
import { isOver, type Job, job } from './job.ts';

export type Order = {
  /** Orders it. */
  readonly path: string;
  readonly query?: Query;
  /** Tells of the job that runs, or of the last one. */
  readonly progressPath: string;
};

const ASK_EVERY_MS = 500;
/** Herald may be away for so long: it is updated, or its broker is. The job goes on by itself. */
const PATIENCE_MS = 600_000;
/** A job that was ordered may be read a moment later only. */
const APPEARS_WITHIN_MS = 30_000;

/**
 * Orders a job, or joins the one that runs. Herald without a part of it is waited for; nobody at the address is not.
 * @throws {RefusedError} when another kind of job runs, or there is nothing of that name
 */
export const orderJob = ({ api, signal, output }: Context, { path, query }: Order): Promise<Job> =>
  outlast(() => api.post(path, job, { query }), {
    ...{ signal, patienceMs: PATIENCE_MS, alsoRefused: false },
    onTrouble: noteTrouble(output),
  });

/**
 * Follows a job to its end, whoever is away meanwhile.
 * @throws {RefusedError} when Herald does not know it any more; {NotReachableError} after ten minutes without an answer
 */
export async function followJob(context: Context, ordered: Job, { progressPath }: Order): Promise<Job> {
  const { output, signal } = context;
  const progress = startProgress(output);
  let seen = ordered;
  try {
    while (!isOver(seen)) {
      progress.show(stateOf(seen));
      await sleep(ASK_EVERY_MS, undefined, { signal });
      const onTrouble = (reason: string): void => progress.show(stateOf(seen, reason));
      seen = await look(context, { id: ordered.id, path: progressPath, onTrouble });
    }
    progress.show(stateOf(seen));
  } finally {
    progress.stop();
    if (signal.reason instanceof InterruptedError)
      output.note(`The ${ordered.kind} goes on by itself; the same command joins it.`);
  }
  return seen;
}

type Looking = { readonly id: string; readonly path: string; readonly onTrouble: (reason: string) => void };

async function look({ api, signal }: Context, { id, path, onTrouble }: Looking): Promise<Job> {
  const deadline = performance.now() + APPEARS_WITHIN_MS;
  for (;;) {
    const patience = { signal, patienceMs: PATIENCE_MS, alsoRefused: true, onTrouble };
    const found = await outlast(() => unlessMissing(api.get(path, job)), patience);
    if (found?.id === id) return found;
    if (found !== null && performance.now() > deadline) throw takenOver(found);
    if (performance.now() > deadline) throw forgotten(id);
    onTrouble('the job is not listed yet');
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

async function unlessMissing(asked: Promise<Job>): Promise<Job | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RefusedError && error.problem.status === 404) return null;
    throw error;
  }
}

const takenOver = (other: Job): Error =>
  new RefusedError({
    title: 'Another job has been ordered meanwhile',
    status: 409,
    code: 'job-replaced',
    detail: `Herald tells of a ${other.kind} now (${other.id}); what this one has come to is not known any more.`,
  });

const forgotten = (id: string): Error =>
  new NotReachableError('unavailable', `Herald does not know the job ${id} any more; order it again.`);

function stateOf({ state, events, total, perSecond, secondsLeft, generation, ...rest }: Job, trouble = '') {
  const notes = [state, generation ? `generation ${generation}` : '', trouble];
  return {
    done: events,
    total,
    unit: 'events',
    perSecond,
    millisecondsLeft: secondsLeft === null ? null : secondsLeft * 1_000,
    note: notes.filter((note) => note !== '').join(', '),
    document: { ...rest, state, events, total, perSecond, secondsLeft, generation },
  };
}
