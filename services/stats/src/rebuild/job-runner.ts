import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLock } from '@herald/postgres';
import type { Dependencies } from '../dependencies.ts';
import { openReading } from '../generations/pointer.ts';
import { carryOut } from './carry-out.ts';
import { type Job, runningJob } from './job.ts';

const RETRY_MS = 500;
/** How long a stop waits for the statement under way, milliseconds. */
const STOPPED_WITHIN_MS = 2_000;

/** Follows the job under way. Of all instances one carries it out; when it dies another goes on. */
export class JobRunner {
  readonly #dependencies: Dependencies;
  #following: {
    readonly id: string;
    readonly leaving: AbortController;
    readonly done: Promise<void>;
  } | null = null;
  #isStopped = false;

  /** It has a connection of its own: a comparison may take minutes, and holds up nobody who asks. */
  constructor(dependencies: Dependencies) {
    const database = openReading(dependencies.databaseUrl, 1, `${dependencies.runtime.instance} rebuild`);
    this.#dependencies = { ...dependencies, database };
    dependencies.generations.onLook((job) => this.#follow(job));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#following?.leaving.abort(new Error('stopping'));
    // A comparison under way is not waited for: whoever goes on begins it again.
    const left = Promise.all([this.#following?.done, this.#dependencies.database.destroy()]);
    await Promise.race([left, sleep(STOPPED_WITHIN_MS, undefined, { ref: false })]);
  }

  #follow(job: Job | null): void {
    if (this.#isStopped || this.#following?.id === job?.id) return;
    this.#following?.leaving.abort(new Error('the job is over'));
    if (job === null) {
      this.#following = null;
      return;
    }
    const leaving = new AbortController();
    this.#following = { id: job.id, leaving, done: this.#carryOut(job.id, leaving.signal) };
  }

  async #carryOut(id: string, signal: AbortSignal): Promise<void> {
    const { runtime, databaseUrl, database, generations } = this.#dependencies;
    while (!signal.aborted) {
      try {
        const lock = await acquireLock(databaseUrl, 'stats.rebuild', signal);
        const lost = new AbortController();
        void lock.lost.then(() => lost.abort(new Error('the lock was lost')));
        try {
          const job = await runningJob(database);
          if (job?.id !== id) return;
          await carryOut(this.#dependencies, job, AbortSignal.any([signal, lost.signal]));
          generations.changed();
          return;
        } finally {
          await lock
            .release()
            .catch((error) => runtime.log.debug({ err: error }, 'the lock was gone already'));
        }
      } catch (error) {
        if (signal.aborted) return;
        runtime.log.warn({ err: error, job: id }, 'the rebuild was interrupted and goes on');
        await sleep(RETRY_MS);
      }
    }
  }
}
