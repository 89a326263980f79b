import type { Usage } from './system-usage.ts';

/** One figure of one round. */
export type Measured = {
  /** In the figure's unit. */
  readonly value: number;
  readonly unit: string;
  /** What the processor time is divided by, as in so many microseconds a message. */
  readonly per?: { readonly thing: string; readonly count: number };
  readonly usage?: Usage;
  /** Further values that belong to it, such as `p99Ms`. */
  readonly details?: Readonly<Record<string, number>>;
};

/** The figures of one round, by name. */
export type RoundFigures = Readonly<Record<string, Measured>>;

/** One thing that is measured once in every round. */
export type Step = (round: number) => Promise<RoundFigures>;

/** Of each figure what every round came to. */
export type Collected = ReadonlyMap<string, readonly Measured[]>;

/**
 * Takes the steps in turn, round by round, so that what disturbs the machine for a while meets all of them alike. Every
 * second round goes backwards: none is always the one behind another.
 */
export async function interleave(rounds: number, steps: readonly Step[]): Promise<Collected> {
  const collected = new Map<string, Measured[]>();
  for (let round = 1; round <= rounds; round++) {
    const order = round % 2 === 1 ? steps : steps.toReversed();
    for (const step of order) {
      for (const [name, measured] of Object.entries(await step(round))) {
        collected.set(name, [...(collected.get(name) ?? []), measured]);
      }
    }
  }
  return collected;
}

export const perSecond = (count: number, milliseconds: number): number => (count * 1_000) / milliseconds;
