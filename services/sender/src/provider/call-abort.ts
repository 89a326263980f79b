/** Breaks one call off. An AbortController and its signal cost more than the rest of a call's bookkeeping together. */
export class CallAbort {
  #reason: string | null = null;
  #listener: ((reason: string) => void) | null = null;

  /** Why the call is broken off; `null` while it is not. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Sets who is told; told at once where it has happened already. */
  onAbort(listener: (reason: string) => void): void {
    this.#listener = listener;
    if (this.#reason !== null) listener(this.#reason);
  }

  /** Only the first reason counts. */
  abort(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#listener?.(reason);
  }
}
