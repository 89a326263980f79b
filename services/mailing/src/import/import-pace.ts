/** How far the directory may be behind what imports append, before they are slowed down, milliseconds. */
const MOST_BEHIND_MS = 1_000;
/** What is not folded after this long may never be: a log that was restored has lost its tail, milliseconds. */
const FORGOTTEN_MS = 60_000;
const MOST_APPENDS = 1_000;

interface Append {
  readonly sequence: number;
  readonly at: number;
}

/**
 * Tells whether the directory is too far behind for more to be imported: whether something that this instance has appended
 * more than a second ago is not folded yet. Without it one import could keep a whole directory's changes from being seen
 * for minutes. Holds one entry for each chunk that was appended and not folded yet.
 */
export class ImportPace {
  #unfolded: Append[] = [];

  /** The events of a chunk stand in the log, up to this position. */
  appended(sequence: number, at: number): void {
    if (this.#unfolded.length < MOST_APPENDS) this.#unfolded.push({ sequence, at });
  }

  /** @param folded the directory's position */
  isTooFast(folded: number, now: number): boolean {
    this.#unfolded = this.#unfolded.filter(
      ({ sequence, at }) => sequence > folded && now - at < FORGOTTEN_MS,
    );
    return this.#unfolded.some(({ at }) => now - at > MOST_BEHIND_MS);
  }
}
