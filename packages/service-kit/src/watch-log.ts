import type { Broker, LogWriter } from '@herald/event-log';
import { Gauge, type Registry } from 'prom-client';
import type { Health } from './health.ts';
import type { Logger } from './logger.ts';

interface Watched {
  readonly broker: { readonly fullStreams: Pick<Broker['fullStreams'], 'list' | 'onChange'> };
  readonly writer: Pick<LogWriter, 'oldestMs'>;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly health: Health;
}

/** From so long on a publish that waits for its acknowledgement is a problem, milliseconds: it was sent twice by then. */
const SILENT_MS = 5_000;

/**
 * Says that a stream is full, and that it has room again: once each in the log, as a metric, and in `/readyz`; there also
 * that what was published is not acknowledged.
 */
export function watchLog({ broker, writer, log, metrics, health }: Watched): void {
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
    if (full.length > 0) return full.map(({ stream, reason }) => `${stream} is full: ${reason}`).join('; ');
    const { oldestMs } = writer;
    return (
      oldestMs < SILENT_MS || `a publish has not been acknowledged for ${Math.round(oldestMs / 1_000)} s`
    );
  });
}
