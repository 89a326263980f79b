/** What can be written to when its turn has come. */
export interface Writable {
  /** Whether it has something to write now. */
  readonly isDue: boolean;
  /** Whether it has something to write, now or later. */
  readonly isPending: boolean;
  /** Writes it. @returns how many bytes */
  write(): number;
}

/** Two turns lie so far apart, milliseconds: everything else that the process does comes between. */
const TURN_MS = 10;

export interface WriteBudget {
  /** Writes in a second, of all streams together. */
  readonly writes: number;
  /** Bytes in a second. */
  readonly bytes: number;
}

/**
 * Shares a budget of writes among all streams, first come first served. Where more streams have news than the budget allows each
 * gets them less often, and the rest of the process does not notice: 1,000 writes in one turn would hold it up for 20 ms.
 */
export class WritePump {
  readonly #due = new Set<Writable>();
  readonly #writes: number;
  readonly #bytes: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ writes, bytes }: WriteBudget) {
    this.#writes = Math.max(1, Math.round((writes * TURN_MS) / 1_000));
    this.#bytes = Math.max(1, Math.round((bytes * TURN_MS) / 1_000));
  }

  /** It has, or may have, something to write. */
  add(stream: Writable): void {
    this.#due.add(stream);
    this.#schedule();
  }

  remove(stream: Writable): void {
    this.#due.delete(stream);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due.clear();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#turn(), TURN_MS);
  }

  #turn(): void {
    this.#timer = undefined;
    let writes = 0;
    let bytes = 0;
    for (const stream of this.#due) {
      if (writes >= this.#writes || bytes >= this.#bytes) break;
      if (stream.isDue) {
        writes += 1;
        bytes += stream.write();
      } else if (stream.isPending) continue;
      this.#due.delete(stream);
    }
    if (this.#due.size > 0) this.#schedule();
  }
}
