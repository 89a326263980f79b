/** How far the directory may be behind what imports append, before they are slowed down, milliseconds. */
const MOST_BEHIND_MS = 1_000;
/** One chunk is begun in this time all the same, milliseconds: whoever waits for results must not take us for away. */
const TRICKLE_MS = 2_000;
/** What is not folded after this long may never be: a log that was restored has lost its tail, milliseconds. */
const FORGOTTEN_MS = 60_000;
const MOST_APPENDS = 1_000;

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
  #begunAt = Number.NEGATIVE_INFINITY;

  /** The events of a chunk stand in the log, up to this position. */
  appended(sequence: number, at: number): void {
    if (this.#unfolded.length < MOST_APPENDS) this.#unfolded.push({ sequence, at });
  }

  /**
   * Whether one more chunk may begin now; if so, it counts as begun.
   *
   * @param folded the directory's position
   */
  mayBegin(folded: number, now: number): boolean {
    this.#unfolded = this.#unfolded.filter(
      ({ sequence, at }) => sequence > folded && now - at < FORGOTTEN_MS,
    );
    const isTooFast = this.#unfolded.some(({ at }) => now - at > MOST_BEHIND_MS);
    if (isTooFast && now - this.#begunAt < TRICKLE_MS) return false;
    this.#begunAt = now;
    return true;
  }
}
