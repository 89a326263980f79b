/** How long one count lasts, milliseconds. */
const WINDOW_MS = 100;

/** How often something happened lately: in a tenth of a second, the better one of this and the last. */
export class RecentCount {
  #window = 0;
  #current = 0;
  #last = 0;

  /** @param now milliseconds of a clock that never goes back */
  add(now: number): void {
    this.#turn(now);
    this.#current += 1;
  }

  read(now: number): number {
    this.#turn(now);
    return Math.max(this.#current, this.#last);
  }

  #turn(now: number): void {
    const window = Math.floor(now / WINDOW_MS);
    if (window === this.#window) return;
    this.#last = window === this.#window + 1 ? this.#current : 0;
    this.#current = 0;
    this.#window = window;
  }
}
