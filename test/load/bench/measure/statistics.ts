/** The middle of some values, between the two middle ones where their count is even. @throws where there are none */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('There is no median of nothing.');
  return (lower + upper) / 2;
}

export type Spread = { readonly median: number; readonly min: number; readonly max: number };

/** @throws where there are no values */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * The smallest value that at least so many percent of the values do not exceed (nearest rank).
 * @param percent above 0, at most 100
 * @throws where there are no values
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = ascending(values);
  const value = sorted[Math.ceil((sorted.length * percent) / 100) - 1];
  if (value === undefined) throw new Error('There is no percentile of nothing.');
  return value;
}

/** Each value by the one of the same round; a round that lacks either is left out. */
export function ratiosOf(values: readonly number[], references: readonly number[]): readonly number[] {
  return values.flatMap((value, round) => {
    const reference = references[round];
    return reference === undefined || reference === 0 ? [] : [value / reference];
  });
}

const ascending = (values: readonly number[]): number[] => [...values].sort((one, other) => one - other);
