/** `true` when the part is well, else what is wrong with it, in words for an operator. */
export type Check = () => true | string | Promise<true | string>;

/** The parts that must be well before this instance should be given work. */
export class Health {
  readonly #checks = new Map<string, Check>();

  /** Adds a part under a name that is shown to operators. */
  add(name: string, check: Check): void {
    this.#checks.set(name, check);
  }

  /** What is wrong now, by part; empty when ready. A check that throws counts as wrong. */
  async problems(): Promise<Record<string, string>> {
    const problems: Record<string, string> = {};
    for (const [name, check] of this.#checks) {
      try {
        const answer = await check();
        if (answer !== true) problems[name] = answer;
      } catch (error) {
        problems[name] = String(error);
      }
    }
    return problems;
  }
}
