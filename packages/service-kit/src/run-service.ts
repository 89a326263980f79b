import type { z } from 'zod';
import { Health } from './health.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { startOpsServer } from './ops-server.ts';
import { createRuntime, defaultInstance, type Runtime } from './runtime.ts';
import { commonConfig } from './settings/common-config.ts';
import { type NatsAccess, natsAccess } from './settings/nats-access.ts';
import { ConfigurationError, readConfig } from './settings/read-config.ts';

export interface ServiceDefinition<Shape extends z.ZodRawShape> {
  readonly name: string;
  /** The variables beside the common ones. */
  readonly config: z.ZodObject<Shape>;
  /** Composes the service; it works when this resolves, and stops through the runtime's steps. */
  readonly start: (
    runtime: Runtime,
    config: z.infer<z.ZodObject<Shape>> & z.infer<typeof commonConfig>,
  ) => Promise<void>;
  /** Services with an HTTP server of their own serve the three operational routes there. */
  readonly ownHttpServer?: boolean;
}

/** The stop has this long (milliseconds) before the process ends anyway; the launcher kills after 7 s. */
const STOP_MS = 6_000;

/**
 * The life of a service's process: configuration, logger, operational routes, broker, the service, and an orderly stop
 * at SIGTERM, SIGINT, or when the launcher that started it is gone. Ends the process with code 0 after a stop asked
 * for, 2 for a configuration that does not fit, 1 for anything else.
 */
export async function runService<Shape extends z.ZodRawShape>(
  service: ServiceDefinition<Shape>,
): Promise<void> {
  const { config, nats } = readConfigOrExit(service);
  const instance = config.INSTANCE ?? defaultInstance(service.name);
  const log = createLogger(service.name, instance, config.LOG_LEVEL);
  for (const warning of nats.warnings) log.warn(warning);
  const parts = { log, metrics: createMetrics(service.name, instance), health: new Health() };
  const stopping = new AbortController();
  let runtime: Runtime | undefined;
  let started = false;

  const stop = (reason: string, code: number): void => {
    if (stopping.signal.aborted) return;
    log.info({ reason }, 'stopping');
    stopping.abort(new Error(reason));
    setTimeout(() => {
      log.error('the orderly stop took too long');
      process.exit(1);
    }, STOP_MS).unref();
    void Promise.resolve(runtime?.stop()).then(() => {
      log.info('stopped');
      process.exit(code);
    });
  };
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  if (process.send !== undefined) process.on('disconnect', () => stop('the launcher is gone', 0));
  const crash = (error: unknown): void => {
    if (stopping.signal.aborted) {
      // Whoever waits for something that will not come any more is told so by an exception.
      log.debug({ err: error }, 'given up because of the stop');
      return;
    }
    log.fatal({ err: error }, 'crashed');
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  parts.health.add('service', () => started || 'starting');
  parts.health.add('stop', () => !stopping.signal.aborted || 'stopping');
  if (service.ownHttpServer !== true) {
    const ops = await startOpsServer({ host: config.OPS_HOST, port: config.OPS_PORT, ...parts });
    log.info({ port: ops.port }, 'operational routes are served');
  }
  runtime = await createRuntime({
    service: service.name,
    instance,
    natsUrl: config.NATS_URL,
    natsAccess: nats.access,
    replicas: config.STREAM_REPLICAS,
    commandsMaxBytes: config.COMMANDS_MAX_BYTES,
    parts,
    signal: stopping.signal,
  });
  // The client gives up only when it is closed: whoever is not stopping then must not live on deaf.
  void runtime.broker.connection.closed().then((error) => {
    if (!stopping.signal.aborted) crash(error ?? new Error('the connection to the broker was closed'));
  });
  await service.start(runtime, config);
  started = true;
  log.info('started');
}

function readConfigOrExit<Shape extends z.ZodRawShape>(
  service: ServiceDefinition<Shape>,
): { config: z.infer<z.ZodObject<Shape>> & z.infer<typeof commonConfig>; nats: NatsAccess } {
  try {
    const common = readConfig(commonConfig, process.env);
    return {
      config: { ...common, ...readConfig(service.config, process.env) },
      nats: natsAccess(common),
    };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${service.name}: ${error.message}\n`);
    process.exit(2);
  }
}
