/** Publishes that found no free place, in the order in which they came. */
export class WaitingPublishes {
  readonly #wakes = new Set<() => void>();

  /** Waits until a place may be free, but not longer than `endsAt` (`performance.now()`). */
  async wait(endsAt: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const leftMs = endsAt - performance.now();
    const timer = Number.isFinite(leftMs) ? setTimeout(resolve, leftMs) : undefined;
    this.#wakes.add(resolve);
    await promise;
    this.#wakes.delete(resolve);
    clearTimeout(timer);
  }

  /** A place is free: one of them may look. */
  wakeNext(): void {
    for (const wake of this.#wakes) {
      this.#wakes.delete(wake);
      wake();
      break;
    }
  }

  wakeAll(): void {
    for (const wake of this.#wakes) wake();
  }
}
