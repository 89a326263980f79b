import type { Broker } from '@herald/event-log';
import { Gauge, type Registry } from 'prom-client';
import type { Health } from './health.ts';
import type { Logger } from './logger.ts';

interface Watched {
  readonly broker: Broker;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly health: Health;
}

/** Says that a stream is full, and that it has room again: once each in the log, as a metric, and in `/readyz`. */
export function watchRoom({ broker, log, metrics, health }: Watched): void {
  const gauge = new Gauge({
    name: 'herald_log_full',
    help: '1 while the stream refuses what this instance publishes for want of room.',
    labelNames: ['stream'],
    registers: [metrics],
  });
  broker.fullStreams.onChange(({ stream, reason }, full) => {
    gauge.set({ stream }, full ? 1 : 0);
    if (full) log.error({ stream, reason }, 'the log is full: what cannot be stored waits for room');
    else log.info({ stream }, 'the log has room again');
  });
  health.add('log', () => {
    const full = broker.fullStreams.list();
    return full.length === 0 || full.map(({ stream, reason }) => `${stream} is full: ${reason}`).join('; ');
  });
}
