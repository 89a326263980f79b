/** `setTimeout` ends at 2^31 − 1 ms, 24.8 days; what lies further ahead is armed anew then. */
const LONGEST_MS = 2 ** 31 - 1;

/** Rings once at a set moment for each key. One process's timers: nothing of it outlives the process. */
export class AlarmClock {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #ring: (key: string) => void;

  /** @param ring must not throw */
  constructor(ring: (key: string) => void) {
    this.#ring = ring;
  }

  /** How many alarms are set. */
  get size(): number {
    return this.#timers.size;
  }

  /** Sets the alarm of a key, in place of the one that was set. A moment that has passed rings at once. */
  set(key: string, at: Date): void {
    this.clear(key);
    const wait = at.getTime() - Date.now();
    const timer = setTimeout(
      () => {
        this.#timers.delete(key);
        if (wait > LONGEST_MS) this.set(key, at);
        else this.#ring(key);
      },
      Math.min(Math.max(wait, 0), LONGEST_MS),
    );
    this.#timers.set(key, timer);
  }

  clear(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  clearAll(): void {
    for (const key of [...this.#timers.keys()]) this.clear(key);
  }
}
