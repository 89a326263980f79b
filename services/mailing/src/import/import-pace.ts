import { KeyedMutex } from '../commands/keyed-mutex.ts';

/** How far the directory may be behind what imports append, before they are slowed down, milliseconds. */
const MOST_BEHIND_MS = 1_000;
/**
 * One chunk of each import is begun in this time all the same, milliseconds: whoever waits for its results must not take
 * us for away.
 */
const TRICKLE_MS = 2_000;
/** What is not folded after this long may never be: a log that was restored has lost its tail, milliseconds. */
const FORGOTTEN_MS = 60_000;
const MOST_APPENDS = 1_000;
/** So many chunks are appended at the same time: two keep the log busy, and more would only be held in memory. */
const MOST_APPENDED_AT_ONCE = 2;

interface Append {
  readonly sequence: number;
  readonly at: number;
}

/**
 * Slows imports down while the directory is too far behind: while something that this instance has appended more than a
 * second ago is not folded yet. Without it one import could keep all changes of the directory from being seen for minutes.
 * Holds one entry for each chunk that was appended and not folded yet.
 */
export class ImportPace {
  #unfolded: Append[] = [];
  /** When imports began a chunk last, within TRICKLE_MS. */
  readonly #begunAt = new Map<string, number>();
  readonly #appending = new KeyedMutex();

  /** Appends the events of a chunk when few others are doing so; answers and fails as the work does. */
  inTurn<Result>(chunk: number, append: () => Promise<Result>): Promise<Result> {
    return this.#appending.run(String(chunk % MOST_APPENDED_AT_ONCE), append);
  }

  /** The events of a chunk stand in the log, up to this position. */
  appended(sequence: number, at: number): void {
    if (this.#unfolded.length < MOST_APPENDS) this.#unfolded.push({ sequence, at });
  }

  /**
   * Whether one more chunk of an import may begin now; if so, it counts as begun.
   *
   * @param folded the directory's position
   */
  mayBegin(importId: string, folded: number, now: number): boolean {
    this.#unfolded = this.#unfolded.filter(
      ({ sequence, at }) => sequence > folded && now - at < FORGOTTEN_MS,
    );
    for (const [id, at] of this.#begunAt) if (now - at >= TRICKLE_MS) this.#begunAt.delete(id);
    const isTooFast = this.#unfolded.some(({ at }) => now - at > MOST_BEHIND_MS);
    if (isTooFast && this.#begunAt.has(importId)) return false;
    this.#begunAt.set(importId, now);
    return true;
  }
}
