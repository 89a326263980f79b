import type { FoldState } from '@herald/postgres';
import { Gauge, type Registry } from 'prom-client';
import type { Lanes } from './lanes.ts';

/** Measures the lanes of the generation that is served. */
export function measureLanes(metrics: Registry, servedLanes: () => Lanes): void {
  const gauge = (
    name: string,
    help: string,
    of: (state: Extract<FoldState, { kind: 'folding' }>) => number,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames: ['lane'],
      registers: [metrics],
      collect() {
        this.reset();
        for (const [lane, { state }] of servedLanes()) {
          if (state.kind === 'folding') this.set({ lane: String(lane) }, of(state));
        }
      },
    });
  };
  gauge(
    'herald_stats_fold_behind',
    'How many events of a lane wait to be folded; only from the instance that folds it.',
    ({ behind }) => behind,
  );
  gauge(
    'herald_stats_parked_events',
    'How many events could not be folded and wait in the table parked_event.',
    ({ parked }) => parked,
  );
}
