const WINDOW_MS = 1_000;

/**
 * Admits at most `perSecond` requests in any one second. It keeps the times of the last admitted ones in a
 * ring: exact where fixed windows would let twice the limit through around their edges. What was refused does
 * not count.
 */
export class SlidingWindow {
  readonly #admittedAt: Float64Array;
  #oldest = 0;

  constructor(perSecond: number) {
    this.#admittedAt = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param now milliseconds of any clock that does not go backwards */
  admits(now: number): boolean {
    const oldest = this.#admittedAt[this.#oldest] ?? Number.NEGATIVE_INFINITY;
    if (now - oldest < WINDOW_MS) return false;
    this.#admittedAt[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#admittedAt.length;
    return true;
  }
}
