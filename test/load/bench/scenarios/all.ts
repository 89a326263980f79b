import type { Scenario } from '../bench.ts';
import { delivery } from './delivery.ts';

/** In the order in which they run: those of one system one behind another. */
export const SCENARIOS: readonly Scenario[] = [delivery];

export const SCENARIO_NAMES = SCENARIOS.flatMap(({ names }) => names);
