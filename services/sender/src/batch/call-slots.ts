export interface CallSlotsOptions {
  /** Calls at once. */
  readonly total: number;
  /** Calls under way and outcomes that the log has not acknowledged, together. */
  readonly mostOpen: number;
  /** One more call may begin, perhaps. */
  readonly onFree: () => void;
}

/**
 * How many calls of this process are under way, and how many of them have an answer that the log has not acknowledged.
 * What both are together bounds what a process that is killed may repeat.
 */
export class CallSlots {
  readonly #options: CallSlotsOptions;
  #calls = 0;
  #open = 0;

  constructor(options: CallSlotsOptions) {
    this.#options = options;
  }

  get total(): number {
    return this.#options.total;
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls;
  }

  /** Calls under way, and outcomes of calls that are not recorded. */
  get open(): number {
    return this.#open;
  }

  get mayBegin(): boolean {
    return this.#calls < this.#options.total && this.#open < this.#options.mostOpen;
  }

  callBegins(): void {
    this.#calls += 1;
    this.#open += 1;
  }

  callEnded(): void {
    this.#calls -= 1;
    this.#options.onFree();
  }

  /** Of so many calls that have ended the outcome is recorded, or there is none to record. */
  settled(calls: number): void {
    if (calls === 0) return;
    this.#open -= calls;
    this.#options.onFree();
  }
}
