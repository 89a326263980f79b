/** An amount that requests share. Whoever finds too little of it is refused: nobody waits for it. */
export class Allowance {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether so much is left. */
  has(amount: number): boolean {
    return this.#used + amount <= this.#most;
  }

  /**
   * Takes so much; the answer gives it back but for what is still needed, once however often it is called. `undefined`
   * when so much is not left.
   */
  take(amount: number): ((stillNeeded?: number) => void) | undefined {
    if (!this.has(amount)) return undefined;
    this.#used += amount;
    let taken = amount;
    return (stillNeeded = 0) => {
      const kept = Math.min(taken, stillNeeded);
      this.#used -= taken - kept;
      taken = kept;
    };
  }
}
