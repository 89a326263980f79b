/** A timer cannot be set for more than some weeks, milliseconds. */
const LONGEST_MS = 24 * 60 * 60 * 1_000;

/** One timer for many wishes: the earliest brings the later ones about, since all is looked at again then. */
export class WakeUp {
  readonly #local: () => number;
  readonly #wake: () => void;
  #timer: { readonly at: number; readonly timeout: NodeJS.Timeout } | undefined;

  /** @param local milliseconds of a clock that never goes back */
  constructor(local: () => number, wake: () => void) {
    this.#local = local;
    this.#wake = wake;
  }

  /** @param at by the local clock, milliseconds */
  notAfter(at: number): void {
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    clearTimeout(this.#timer?.timeout);
    const timeout = setTimeout(
      () => {
        this.#timer = undefined;
        this.#wake();
      },
      // Timers may fire a fraction of a millisecond early; longer ones than a day come by again.
      Math.min(Math.max(1, at - this.#local() + 0.5), LONGEST_MS),
    );
    this.#timer = { at, timeout };
  }

  close(): void {
    clearTimeout(this.#timer?.timeout);
    this.#timer = undefined;
  }
}
