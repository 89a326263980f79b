import { setTimeout as sleep } from 'node:timers/promises';
import { LOOK_AGAIN_SUBJECT } from '@herald/contracts';
import { acquireLock, isOutage, isStructureGone } from '@herald/postgres';
import { type Dependencies, SCHEMA } from '../dependencies.ts';
import { carryOutRebuild } from './carry-out-rebuild.ts';
import { findUnderWay, saveFailure } from './rebuild-record.ts';
import { dropSchema, REBUILD_SCHEMA, REPLACED_SCHEMA } from './schemas.ts';
import type { ShadowOptions } from './shadow-model.ts';

const RETRY_MS = 500;

/**
 * Makes the directory anew when it was asked for. Every instance waits for one lock, and whoever has it does the work: another one
 * goes on where an instance has died, since what was asked for and how far it is stands in the database.
 *
 * Waiting for the lock; then, with the lock, idle until it is told to look; then rebuilding. It goes back to waiting when the
 * connection with the lock is lost or anything fails that may pass, and tries again.
 */
export class Rebuilder {
  readonly #dependencies: Dependencies;
  readonly #options: ShadowOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  readonly #forget: () => void;
  #isAsked = false;
  #wake: () => void = () => {};

  constructor(dependencies: Dependencies, options: ShadowOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    // What was asked for while the broker was away was not heard of.
    this.#forget = dependencies.runtime.broker.onChange((connected) => {
      if (connected) this.lookAgain();
    });
    this.#done = this.#run();
  }

  /** Somebody has asked for a rebuild. */
  lookAgain(): void {
    this.#isAsked = true;
    this.#wake();
  }

  /** Leaves a rebuild under way to another instance, or to itself when it starts again. */
  async stop(): Promise<void> {
    this.#forget();
    this.#stopping.abort(new Error('the service stops'));
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { log } = this.#dependencies.runtime;
    while (!signal.aborted) {
      try {
        await this.#hold(signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'the rebuilding of the directory was interrupted and tries again');
        // Ends with the stop, which is no error.
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #hold(stopping: AbortSignal): Promise<void> {
    const lock = await acquireLock(this.#options.databaseUrl, `${SCHEMA}.rebuild`, stopping);
    const leaving = new AbortController();
    void lock.lost.then(() => leaving.abort(new Error('the lock was lost')));
    const signal = AbortSignal.any([stopping, leaving.signal]);
    try {
      while (!signal.aborted) {
        this.#isAsked = false;
        const id = await findUnderWay(this.#dependencies.database);
        if (id === undefined) {
          await this.#dropLeftOver();
          await this.#asked(signal);
        } else {
          await this.#rebuild(id, signal);
        }
      }
    } finally {
      await lock.release().catch(() => undefined);
    }
  }

  async #asked(signal: AbortSignal): Promise<void> {
    if (this.#isAsked || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#wake = () => {};
  }

  /** What was replaced, and what was begun and is not wanted any more. */
  async #dropLeftOver(): Promise<void> {
    for (const schema of [REPLACED_SCHEMA, REBUILD_SCHEMA])
      await dropSchema(this.#dependencies.database, schema);
  }

  async #rebuild(id: string, signal: AbortSignal): Promise<void> {
    const { runtime, database } = this.#dependencies;
    try {
      await dropSchema(database, REPLACED_SCHEMA);
      await carryOutRebuild(this.#dependencies, this.#options, id, signal);
      // Whoever carries plans finds other ones.
      runtime.broker.connection.publish(LOOK_AGAIN_SUBJECT);
    } catch (error) {
      signal.throwIfAborted();
      if (isOutage(error) || isStructureGone(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      runtime.log.error({ err: error, rebuild: id }, 'the directory cannot be rebuilt');
      await saveFailure(database, id, reason);
    }
  }
}
