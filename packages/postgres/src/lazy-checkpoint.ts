import type { LogRecord } from '@herald/event-log';
import type { Kysely } from 'kysely';
import { type Checkpoint, moveCheckpoint } from './checkpoint.ts';
import { eventIdOf } from './chunk.ts';

/** So much later than a fold has passed it a position is stored at the latest, milliseconds. */
const LATEST_MS = 1_000;

/**
 * The checkpoint of a fold that passes records which change nothing in its model. Where it has come to is stored with the
 * next record that changes something, or by itself within a second: a position that a crash takes is passed again, and
 * that changes nothing either.
 */
export class LazyCheckpoint<Tables> {
  readonly #database: Kysely<Tables>;
  readonly #name: string;
  readonly #failed: (error: unknown) => void;
  readonly #latestMs: number;
  #stored: Checkpoint;
  #passed: LogRecord | undefined;
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> = Promise.resolve();

  /**
   * @param stored as the database has it
   * @param failed told when it cannot be stored; the fold must look again. Must not throw
   */
  constructor(
    database: Kysely<Tables>,
    name: string,
    stored: Checkpoint,
    failed: (error: unknown) => void,
    latestMs = LATEST_MS,
  ) {
    this.#database = database;
    this.#name = name;
    this.#stored = stored;
    this.#failed = failed;
    this.#latestMs = latestMs;
  }

  /** The last position that is folded or was passed. */
  get reached(): number {
    return this.#passed?.sequence ?? this.#stored.sequence;
  }

  /** What the database has at least: less would mean that the model was lost. */
  get stored(): number {
    return this.#stored.sequence;
  }

  /** A record was read, and all before it, that change nothing. */
  pass(last: LogRecord): void {
    this.#passed = last;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // One after the other: a store that a slow database holds up must not be overtaken by the next.
      this.#storing = this.#storing.then(() => this.#store()).catch(this.#failed);
    }, this.#latestMs);
  }

  /** Moves it together with what a transaction writes. @param commit gets it as the database has it */
  async advance(commit: (from: Checkpoint) => Promise<Checkpoint>): Promise<void> {
    this.close();
    await this.#storing;
    this.#stored = await commit(this.#stored);
    this.#passed = undefined;
  }

  /** Stores nothing any more by itself. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #store(): Promise<void> {
    const last = this.#passed;
    if (last === undefined) return;
    const to = { sequence: last.sequence, lastEventId: eventIdOf(last), storedAt: last.storedAt };
    await moveCheckpoint(this.#database, this.#name, this.#stored, to);
    this.#stored = { ...this.#stored, sequence: to.sequence, lastEventId: to.lastEventId };
    if (this.#passed === last) this.#passed = undefined;
  }
}
