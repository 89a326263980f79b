import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_STREAM } from '@herald/contracts';
import { leaderInfo, readLog } from '@herald/event-log';
import { acquireLock } from './advisory-lock.ts';
import {
  type Checkpoint,
  CheckpointMovedError,
  LogReplacedError,
  readCheckpoint,
  refuseBackwards,
  storedSequence,
} from './checkpoint.ts';
import { chunkSize, cutBySize } from './chunk.ts';
import { commitChunk } from './commit-chunk.ts';
import type { FoldOptions } from './fold-options.ts';
import type { Fold, FoldState } from './fold-state.ts';
import { NewerRecordError } from './newer-record.ts';
import { isStructureGone } from './outage.ts';
import { countParked } from './parked-events.ts';
import { readingOf } from './reading-of.ts';
import { RETRY_MS, restoreModel } from './restore-model.ts';

/**
 * A server of a cluster that was frozen or cut off answers for 10 to 20 s as the leader it is no more, with a log that
 * ends too early. What is said for longer than this, and not without a leader, is believed.
 */
const CERTAIN_AFTER_MS = 30_000;
/**
 * How often (milliseconds) a fold that has nothing to do looks whether its model is still there. Only a statement can
 * tell, and where no event comes none is made: a dropped model would stay dropped.
 */
const IDLE_LOOK_MS = 5_000;
/** How often (milliseconds) a fold looks again at what only a newer release can read: another instance may be one. */
const NEWER_LOOK_MS = 5_000;
const CHUNK_CHARACTERS = 4 * 1024 * 1024;

/**
 * Folds the log into a model: events are written together with the checkpoint in one transaction, so a model holds
 * each event exactly once whatever dies. Of several instances one folds; another takes over when its connection to the
 * database ends. An event that cannot be read or written is parked in the same transaction and counted. While the
 * broker or the database is away the fold waits and tries again. A schema that was dropped is made again, and the fold
 * begins at the first event.
 */
export function startFold<Tables>(options: FoldOptions<Tables>): Fold {
  return new RunningFold(options);
}

class RunningFold<Tables> implements Fold {
  readonly #options: FoldOptions<Tables>;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #state: FoldState = { kind: 'waiting' };
  /** How many events are parked, as it was last counted. */
  #parked = 0;
  /** As the database has it, while this instance folds. */
  #checkpoint: Checkpoint | undefined;

  constructor(options: FoldOptions<Tables>) {
    this.#options = options;
    this.#done = this.#run();
  }

  get state(): FoldState {
    return this.#state;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the fold was stopped'));
    await this.#done;
    this.#state = { kind: 'stopped' };
  }

  async #run(): Promise<void> {
    const { log, name } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#state.kind !== 'broken') {
      try {
        await this.#hold();
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof NewerRecordError) {
          await this.#leaveToNewer(error);
          continue;
        }
        if (error instanceof CheckpointMovedError) {
          // Who moved it has done the work, as the switch between generations does: there is nothing to wait for.
          log.info({ fold: name, reason: error.message }, 'the fold goes on from where another one has come');
          continue;
        }
        log.warn({ err: error, fold: name }, 'the fold was interrupted and tries again');
        if (error instanceof LogReplacedError) await this.#doubt(error);
        else if (isStructureGone(error)) await this.#restore(error);
        await sleep(RETRY_MS);
      }
    }
  }

  /** Looks at the log until it is the right one, or has been another one for so long that it is certain. */
  async #doubt(first: LogReplacedError): Promise<void> {
    const { database, name, broker, certainAfterMs = CERTAIN_AFTER_MS } = this.#options;
    let since = performance.now();
    this.#state = { kind: 'halted', reason: first.message };
    this.#options.onDoubt?.(true);
    while (!this.#stopping.signal.aborted) {
      await sleep(RETRY_MS);
      try {
        await readCheckpoint(database, name, broker);
        break;
      } catch (error) {
        if (error instanceof LogReplacedError) {
          if (performance.now() - since >= certainAfterMs) return this.#break(error.message);
          this.#state = { kind: 'halted', reason: error.message };
        } else {
          // A model that was dropped meanwhile follows no other log. After a look that failed the time counts anew.
          if (isStructureGone(error)) break;
          since = performance.now();
        }
      }
    }
    if (this.#stopping.signal.aborted) return;
    this.#state = { kind: 'waiting' };
    this.#options.onDoubt?.(false);
  }

  /**
   * Waits until the fold has got past what this release cannot read: an instance of a newer one gets the lock, or an
   * operator skips it. Until then nobody else follows the log either, so what is known here must not be acted on.
   */
  async #leaveToNewer({ message, sequence }: NewerRecordError): Promise<void> {
    const { signal } = this.#stopping;
    this.#options.onDoubt?.(true);
    while (!signal.aborted) {
      this.#state = { kind: 'halted', reason: message };
      this.#options.log.error({ fold: this.#options.name }, message);
      // Ends with the stop, which is no error.
      await sleep(NEWER_LOOK_MS, undefined, { signal }).catch(() => {});
      if ((await this.#storedSequence()) >= sequence) break;
    }
    if (signal.aborted) return;
    this.#state = { kind: 'waiting' };
    this.#options.onDoubt?.(false);
  }

  /** How far the model is; -1 where nobody can tell now. */
  async #storedSequence(): Promise<number> {
    const { database, name, log } = this.#options;
    try {
      return await storedSequence(database, name);
    } catch (error) {
      log.debug({ err: error, fold: name }, 'the checkpoint cannot be read now');
      return -1;
    }
  }

  #break(reason: string): void {
    this.#state = { kind: 'broken', reason };
    this.#options.log.fatal({ fold: this.#options.name }, reason);
    this.#options.onBroken?.();
  }

  #restore(error: Error): Promise<void> {
    return restoreModel(this.#options, error, this.#stopping.signal, (reason) => {
      const isNews = this.#state.kind !== 'halted';
      this.#state = { kind: 'halted', reason };
      return isNews;
    });
  }

  /** Waits for the lock and folds while it is held. */
  async #hold(): Promise<void> {
    const { databaseUrl, schema, name, log } = this.#options;
    this.#state = { kind: 'waiting' };
    const lock = await acquireLock(databaseUrl, `${schema}.${name}`, this.#stopping.signal);
    const leaving = new AbortController();
    void lock.lost.then(() => leaving.abort(new Error('the lock was lost')));
    // A broker that comes back may have lost its tail or be another one: the log's identity is verified again.
    const forget = this.#options.broker.onChange((connected) => {
      if (connected) leaving.abort(new Error('the broker was away'));
    });
    const looking = setInterval(() => void this.#lookAtModel(leaving), IDLE_LOOK_MS);
    try {
      await this.#fold(AbortSignal.any([this.#stopping.signal, leaving.signal]));
    } finally {
      // Reading ends without a word, and what then waits for the lock may wait for a database that is away.
      if (leaving.signal.aborted)
        log.warn({ err: leaving.signal.reason, fold: name }, 'the fold leaves its model and looks again');
      forget();
      clearInterval(looking);
      this.#checkpoint = undefined;
      this.#options.onInactive?.();
      await lock.release().catch((error) => log.debug({ err: error }, 'the lock was gone already'));
    }
  }

  /** Leaves a model that has lost what was folded: its tables are gone, or its checkpoint is behind. */
  async #lookAtModel(leaving: AbortController): Promise<void> {
    if (this.#checkpoint === undefined) return;
    const { database, name } = this.#options;
    const { sequence } = this.#checkpoint;
    try {
      // One may have been driven again.
      const parked = await countParked(database, name);
      if (this.#state.kind === 'folding') {
        this.#parked = parked;
        this.#state = { ...this.#state, parked };
      }
      if ((await storedSequence(database, name)) < sequence)
        leaving.abort(new Error('the model has lost its checkpoint'));
    } catch (error) {
      // Any other trouble comes up with the next chunk.
      if (isStructureGone(error)) leaving.abort(error);
    }
  }

  async #fold(signal: AbortSignal): Promise<void> {
    const { broker, database, name, log } = this.#options;
    const { gatherMs = 0, gatherFrom = 1, unhurried } = this.#options;
    let checkpoint = await readCheckpoint(database, name, broker);
    const begin = checkpoint.sequence;
    this.#checkpoint = checkpoint;
    this.#parked = await countParked(database, name);
    const stream = await leaderInfo(broker, EVENTS_STREAM);
    this.#state = {
      kind: 'folding',
      sequence: begin,
      behind: stream.state.last_seq - begin,
      parked: this.#parked,
    };
    log.info({ fold: name, sequence: begin }, 'folding');
    this.#options.onActive?.();
    // What stands behind the checkpoint in the whole log says little about a filter that few events match.
    const onPending = (behind: number): void => {
      if (this.#state.kind === 'folding') this.#state = { ...this.#state, behind };
    };
    const reading = readingOf(this.#options, begin + 1, signal, onPending);
    const { chunkEvents, chunkCharacters = CHUNK_CHARACTERS } = this.#options;
    for await (const read of readLog(broker, reading)) {
      for (const records of cutBySize(read, chunkSize(read, chunkEvents, chunkCharacters))) {
        if (signal.aborted) return;
        refuseBackwards(records, checkpoint.sequence, name);
        const { events, newer, ...committed } = await commitChunk(this.#options, checkpoint, records);
        checkpoint = committed.checkpoint;
        this.#checkpoint = checkpoint;
        this.#parked += committed.parked;
        const behind = records.at(-1)?.pending ?? 0;
        this.#state = { kind: 'folding', sequence: checkpoint.sequence, behind, parked: this.#parked };
        this.#options.onCommitted?.(events);
        if (newer !== null) throw new NewerRecordError(newer);
      }
      const hurried =
        unhurried === undefined
          ? read.length
          : read.filter(({ subject }) => !unhurried.isOne(subject)).length;
      const mayGather = hurried >= gatherFrom && this.#state.kind === 'folding' && this.#state.behind === 0;
      if (gatherMs > 0 && mayGather) await sleep(gatherMs);
    }
  }
}
