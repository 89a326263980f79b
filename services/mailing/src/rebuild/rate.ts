/** So many samples are looked back. */
const SAMPLES = 10;

interface Sample {
  readonly at: number;
  readonly events: number;
}

/** How many events a second are folded lately. */
export class Rate {
  #samples: Sample[] = [];

  /**
   * @param events how many are folded by now
   * @param at milliseconds
   * @returns events a second; `null` before the second sample
   */
  sample(events: number, at: number): number | null {
    this.#samples = [...this.#samples, { at, events }].slice(-SAMPLES);
    const first = this.#samples[0];
    if (first === undefined || at <= first.at) return null;
    return Math.round(((events - first.events) * 10_000) / (at - first.at)) / 10;
  }
}
