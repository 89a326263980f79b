import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * These are sampled by a timer that wakes the process a hundred times a second: 6 to 7 of the 9 ms of CPU a second that an
 * idle service took. The lag at the moment of a scrape, `nodejs_eventloop_lag_seconds`, costs nothing in between.
 */
const SAMPLED = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];
/** The timer cannot be left out: so seldom it does not matter, milliseconds. */
const SELDOM_MS = 24 * 60 * 60 * 1_000;

/** A registry with the process's own metrics; every metric carries the labels `service` and `instance`. */
export function createMetrics(service: string, instance: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service, instance });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: SELDOM_MS });
  for (const figure of SAMPLED) registry.removeSingleMetric(`nodejs_eventloop_lag_${figure}_seconds`);
  return registry;
}
