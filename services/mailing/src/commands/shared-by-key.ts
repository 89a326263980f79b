/**
 * Shares work that is asked for by the same key. Whoever asks while it is under way waits, with all others who do, for the
 * next time: what is under way may have begun before what they need to see.
 */
export class SharedByKey<Result> {
  readonly #underWay = new Map<string, Promise<Result>>();
  readonly #next = new Map<string, Promise<Result>>();

  /** Answers and fails as the work does that begins after this was called. */
  run(key: string, work: () => Promise<Result>): Promise<Result> {
    const gathering = this.#next.get(key);
    if (gathering !== undefined) return gathering;
    const before = this.#underWay.get(key);
    if (before === undefined) return this.#begin(key, work);
    const begin = (): Promise<Result> => {
      this.#next.delete(key);
      return this.#begin(key, work);
    };
    const next = before.then(begin, begin);
    this.#next.set(key, next);
    return next;
  }

  #begin(key: string, work: () => Promise<Result>): Promise<Result> {
    const mine = work().finally(() => {
      if (this.#underWay.get(key) === mine) this.#underWay.delete(key);
    });
    this.#underWay.set(key, mine);
    return mine;
  }
}
