/** Chance that a run can be repeated with: the seed is printed, and can be given as `HERALD_FAULT_SEED`. */
export type Random = {
  readonly seed: number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  shuffled<Item>(items: readonly Item[]): readonly Item[];
};

export function seededRandom(seed: number = chooseSeed()): Random {
  let state = seed >>> 0;
  // mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for choosing moments.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    seed,
    between,
    shuffled: (items) => {
      const order = [...items];
      for (let last = order.length - 1; last > 0; last--) {
        const other = between(0, last);
        const [one, two] = [order[last], order[other]];
        if (one !== undefined && two !== undefined) {
          order[last] = two;
          order[other] = one;
        }
      }
      return order;
    },
  };
}

function chooseSeed(): number {
  const given = Number(process.env.HERALD_FAULT_SEED);
  return Number.isSafeInteger(given) && given > 0 ? given : Math.floor(Math.random() * 2 ** 31) + 1;
}
