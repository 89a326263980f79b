import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Broker, type BrokerAccess, connectBroker, ensureTopology, LogWriter } from '@herald/event-log';
import type { Registry } from 'prom-client';
import { Health } from './health.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { answerMonitor } from './monitor.ts';
import { watchLog } from './watch-log.ts';

/** What every service stands on. */
export interface Runtime {
  readonly service: string;
  readonly instance: string;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly health: Health;
  readonly broker: Broker;
  readonly writer: LogWriter;
  /** Sets what this instance says of itself on the monitor page, asked at every look. */
  describe(details: () => Record<string, unknown> | Promise<Record<string, unknown>>): void;
  /** Adds a step of the orderly stop. Steps run one after another, the last added first. */
  onStop(name: string, stop: () => Promise<void> | void): void;
  /** Runs the steps, then closes the connection to the broker. A second call waits for the first. */
  stop(): Promise<void>;
}

export interface RuntimeOptions {
  readonly service: string;
  readonly instance?: string | undefined;
  readonly natsUrl: string;
  /** Where the URL does not say it. */
  readonly natsAccess?: BrokerAccess;
  readonly replicas?: number;
  /** How much room commands may take, bytes, where their stream is made. */
  readonly commandsMaxBytes?: number | undefined;
  readonly logLevel?: string;
  /** Given where parts must exist before the broker is reachable, so that `/readyz` can say so. */
  readonly parts?: { readonly log: Logger; readonly metrics: Registry; readonly health: Health };
  readonly signal?: AbortSignal;
}

/** The name of this instance where none is configured. */
export const defaultInstance = (service: string): string => `${service}-${hostname()}-${process.pid}`;

/**
 * Connects to the broker (waiting for it as long as it takes), sets up the streams, and answers the monitor.
 *
 * @throws UnsafeReplicationError; the signal's reason when it aborts before the broker is there
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { service } = options;
  const instance = options.instance ?? defaultInstance(service);
  const log = options.parts?.log ?? createLogger(service, instance, options.logLevel ?? 'info');
  const metrics = options.parts?.metrics ?? createMetrics(service, instance);
  const health = options.parts?.health ?? new Health();
  const startedAt = new Date();
  const broker = await connectBroker({
    url: options.natsUrl,
    ...(options.natsAccess === undefined ? {} : { access: options.natsAccess }),
    name: instance,
    say: (event, details) => log.warn({ broker: details }, event),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  await setUpStreams(broker, options, log);
  health.add('broker', () => broker.isConnected() || 'not connected to NATS');
  const writer = new LogWriter(broker);
  watchLog({ broker, writer, log, metrics, health });
  const steps: Array<{ name: string; stop: () => Promise<void> | void }> = [];
  let details: () => Record<string, unknown> | Promise<Record<string, unknown>> = () => ({});
  let stopped: Promise<void> | undefined;
  const describeSafely = async (): Promise<Record<string, unknown>> => {
    try {
      return await details();
    } catch (error) {
      // Somebody looks exactly when something is broken: the look must not end the process.
      log.error({ err: error }, 'this instance cannot describe itself');
      return { error: String(error) };
    }
  };
  answerMonitor(broker, { service, instance, startedAt: startedAt.toISOString() }, async () => {
    const problems = await health.problems();
    return {
      ready: Object.keys(problems).length === 0,
      problems,
      details: await describeSafely(),
    };
  });
  const stopAll = async (): Promise<void> => {
    // Whoever waits for room would hold the stop up until the process is killed.
    const givingUp = setTimeout(() => writer.giveUpWhereFull(), ROOM_AT_STOP_MS);
    for (const step of steps.reverse()) {
      try {
        await step.stop();
      } catch (error) {
        log.error({ err: error, step: step.name }, 'a step of the stop failed');
      }
    }
    clearTimeout(givingUp);
    if (writer.inFlight > 0) {
      const full = broker.fullStreams.list();
      log.error(
        { publishes: writer.unacknowledged, full },
        'left behind: the log has not acknowledged these',
      );
    }
    writer.close();
    await flushLastWords(broker);
    await broker.connection.close();
  };
  return {
    service,
    instance,
    log,
    metrics,
    health,
    broker,
    writer,
    describe: (next) => {
      details = next;
    },
    onStop: (name, stop) => {
      steps.push({ name, stop });
    },
    stop: () => {
      stopped ??= stopAll();
      return stopped;
    },
  };
}

/** How long a stop waits for a full log to have room, milliseconds: half of what the process has (run-service.ts). */
const ROOM_AT_STOP_MS = 3_000;
/** What was said last (given back, announced, released) stands in the client's buffer yet. Never rejects. */
async function flushLastWords({ connection, isConnected }: Broker): Promise<void> {
  if (!isConnected()) return;
  // Where the connection ends meanwhile nobody can be told any more, and what was given back comes again by itself.
  const flushed = connection.flush().catch(() => {});
  await Promise.race([flushed, sleep(FLUSH_MS)]);
}

/** A broker that is silent at a stop is not waited for longer, milliseconds: what remains of the process's time. */
const FLUSH_MS = 250;
const TOPOLOGY_RETRY_MS = 500;

/** The server may be up before its streams are (recovery after a crash, no leader yet): tried until it works. */
async function setUpStreams(broker: Broker, options: RuntimeOptions, log: Logger): Promise<void> {
  for (;;) {
    try {
      await ensureTopology(broker, {
        replicas: options.replicas ?? 1,
        ...(options.commandsMaxBytes === undefined ? {} : { commandsMaxBytes: options.commandsMaxBytes }),
      });
      return;
    } catch (error) {
      if (error instanceof Error && error.name === 'UnsafeReplicationError') throw error;
      options.signal?.throwIfAborted();
      log.warn({ err: error }, 'the streams cannot be set up yet');
      await new Promise((resolve) => setTimeout(resolve, TOPOLOGY_RETRY_MS));
    }
  }
}
