/** What has to be over by a moment. */
export interface Deadline {
  /** On the clock of `performance.now()`. */
  readonly endBy: number;
  /** Told once, at most {@link TICK_MS} late where the process is not busy. */
  expire(): void;
}

/** How often the deadlines are looked at, milliseconds. */
const TICK_MS = 20;

/** One coarse clock for many deadlines: a timer for each call costs more than looking at all of them now and then. */
export class Deadlines {
  readonly #open = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  add(deadline: Deadline): void {
    this.#open.add(deadline);
    this.#timer ??= setInterval(() => this.#look(), TICK_MS);
  }

  remove(deadline: Deadline): void {
    this.#open.delete(deadline);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#open.clear();
  }

  #look(): void {
    if (this.#open.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    for (const deadline of this.#open) {
      if (deadline.endBy > now) continue;
      this.#open.delete(deadline);
      deadline.expire();
    }
  }
}
