import type { Unwritten } from './batch-state.ts';
import type { OutcomeBody } from './progress.ts';

/** An outcome of the message at a place of its batch. */
export interface Recording {
  readonly place: number;
  readonly body: OutcomeBody;
  /** It could not be written before, as it is or in other words. */
  readonly isLastTry: boolean;
  /** When it was decided, milliseconds since 1970. */
  readonly at: number;
}

/** Why a record could not be written. */
export interface WriteFailure {
  readonly why: Unwritten;
  readonly reason: string;
}

export interface OutcomeRecorderOptions {
  /** Writes one record that holds all of them; tells once, never throws. `null`: it stands in the log. */
  readonly write: (outcomes: readonly Recording[], told: (failure: WriteFailure | null) => void) => void;
  readonly onRecorded: (outcomes: readonly Recording[]) => void;
  readonly onUnrecorded: (outcome: Recording, failure: WriteFailure) => void;
  /** Calls of the batch that are under way. */
  readonly underWay: () => number;
  /** Has something done a few milliseconds from now; the answer takes it back. */
  readonly soon: (act: () => void) => () => void;
}

/** Where outcomes of that part of the calls under way have gathered, the next record is long enough. */
const ENOUGH = 1 / 2;

/**
 * Group commit for the outcomes of one batch: while one record is on its way to the log, outcomes gather, and the next
 * record holds all that came. While more are about to come it waits for half of them, for a few milliseconds;
 * an outcome that is alone waits for nothing (docs/adr/0034).
 *
 * Where a record with several outcomes is refused, each of them is written alone, so that one bad outcome takes no other
 * along.
 */
export class OutcomeRecorder {
  readonly #options: OutcomeRecorderOptions;
  #gathered: Recording[] = [];
  #alone: Recording[] = [];
  /** Records on their way. */
  #writing = 0;
  #gathers = true;
  /** Takes back the end of waiting for more. */
  #stopWaiting: (() => void) | null = null;
  #hasWaited = false;

  constructor(options: OutcomeRecorderOptions) {
    this.#options = options;
  }

  add(outcome: Recording): void {
    this.#gathered.push(outcome);
    if (this.#gathers) this.#writeNext();
    else this.hurry();
  }

  /**
   * From now on nothing waits for the record before it. For a batch that comes to its end in this process: what gathers
   * behind an acknowledgement that was lost would be lost with the process.
   */
  hurry(): void {
    this.#gathers = false;
    while (this.#hasMore) this.#writeNext();
  }

  get #hasMore(): boolean {
    return this.#alone.length > 0 || this.#gathered.length > 0;
  }

  #writeNext(): void {
    if (this.#gathers && (this.#writing > 0 || this.#isWaiting())) return;
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    this.#hasWaited = false;
    const outcomes = this.#takeNext();
    if (outcomes.length === 0) return;
    this.#writing += 1;
    this.#options.write(outcomes, (failure) => {
      this.#writing -= 1;
      this.#settle(outcomes, failure);
      this.#writeNext();
    });
  }

  /** True as long as the next record is to get longer. */
  #isWaiting(): boolean {
    const { underWay, soon } = this.#options;
    if (this.#hasWaited || this.#alone.length > 0 || this.#gathered.length === 0) return false;
    if (this.#gathered.length >= underWay() * ENOUGH) return false;
    this.#stopWaiting ??= soon(() => {
      this.#stopWaiting = null;
      this.#hasWaited = true;
      this.#writeNext();
    });
    return true;
  }

  #takeNext(): readonly Recording[] {
    const alone = this.#alone.shift();
    if (alone !== undefined) return [alone];
    const gathered = this.#gathered;
    this.#gathered = [];
    return gathered;
  }

  #settle(outcomes: readonly Recording[], failure: WriteFailure | null): void {
    const { onRecorded, onUnrecorded } = this.#options;
    if (failure === null) onRecorded(outcomes);
    else if (failure.why === 'refused' && outcomes.length > 1) this.#alone.push(...outcomes);
    else for (const outcome of outcomes) onUnrecorded(outcome, failure);
  }
}
