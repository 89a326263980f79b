import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry with the process's own metrics; every metric carries the labels `service` and `instance`. */
export function createMetrics(service: string, instance: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service, instance });
  collectDefaultMetrics({ register: registry });
  return registry;
}
