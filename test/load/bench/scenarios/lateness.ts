import type { Measured } from '../measure/measured.ts';
import { percentile } from '../measure/statistics.ts';

/** The worst of one percent, or of all where there are fewer. */
export const lateness = (late: readonly number[]): Measured => ({
  value: percentile(late, 99),
  unit: 'ms, p99',
  details: { p50Ms: percentile(late, 50), watched: late.length },
});
