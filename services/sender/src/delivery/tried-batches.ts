/** So many are remembered, then none: a token that is wrong for hours is tried with thousands. */
const MOST = 1_000;

/**
 * Sees to it that the calls that try a rejected token go round the batches. A batch whose try was in vain is given back
 * at once, since the token of another sender may be right, and would come first at the next try again.
 */
export class TriedBatches {
  readonly #tried = new Set<number>();
  /** Those that came again since the last try, and were put off. */
  readonly #deferral = new Set<number>();

  /**
   * Whether the batch may have the next try: where it had one before, only if it comes a second time, by when every
   * other batch had the chance to come.
   *
   * @param sequence where the batch stands in the log
   */
  mayTry(sequence: number): boolean {
    if (this.#tried.has(sequence) && !this.#deferral.has(sequence)) {
      this.#deferral.add(sequence);
      return false;
    }
    if (this.#tried.size >= MOST) this.#tried.clear();
    this.#tried.add(sequence);
    this.#deferral.clear();
    return true;
  }

  /** The token is right. */
  forget(): void {
    this.#tried.clear();
    this.#deferral.clear();
  }
}
