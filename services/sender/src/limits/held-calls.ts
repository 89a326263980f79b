/**
 * The calls that this sender has reserved and not begun, by its own clock (milliseconds that never go back). One that
 * is not begun in time is lost: a process that was asleep must not make up for it when it wakes.
 */
export class HeldCalls {
  readonly #graceMs: number;
  #due: number[] = [];
  #from = 0;
  #expired = 0;

  /** @param graceMs how long after its moment a call may still begin */
  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  get count(): number {
    return this.#due.length - this.#from;
  }

  /** The moments are later than all that are held. */
  add(due: readonly number[]): void {
    if (this.#from > 0) this.#due = this.#due.slice(this.#from);
    this.#from = 0;
    this.#due.push(...due);
  }

  /** Forgets those whose time is over, and counts them. */
  expire(now: number): void {
    while (this.count > 0 && (this.#due[this.#from] ?? 0) + this.#graceMs < now) {
      this.#from += 1;
      this.#expired += 1;
    }
  }

  /** How many have expired since this was asked last. */
  takeExpired(): number {
    const expired = this.#expired;
    this.#expired = 0;
    return expired;
  }

  /** When the next may begin; `null` without any. */
  get next(): number | null {
    return this.#due[this.#from] ?? null;
  }

  /** When the last may begin; `null` without any. */
  get last(): number | null {
    return this.count === 0 ? null : (this.#due.at(-1) ?? null);
  }

  /** True when a call may begin now. */
  isDue(now: number): boolean {
    this.expire(now);
    const { next } = this;
    return next !== null && next <= now;
  }

  /** A call begins; only where one is due. */
  begin(): void {
    this.#from += 1;
  }

  clear(): void {
    this.#due = [];
    this.#from = 0;
  }
}
