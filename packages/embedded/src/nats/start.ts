import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findFreePort } from '../free-port.ts';
import type { RunningServer, Say } from '../running-server.ts';
import { spawnServer } from '../spawn-server.ts';
import { stopStaleServer } from '../stop-stale-server.ts';
import { ServerStartError, waitUntilReady } from '../wait-until-ready.ts';
import { type NatsClusterMembership, renderNatsConfiguration } from './configuration.ts';
import { natsEnvironment } from './environment.ts';
import { probeNats } from './probe.ts';

export type NatsServerOptions = {
  /** Path of the binary, see locateNatsServer. */
  readonly binary: string;
  /** Streams, configuration and pid file live here. One server at a time. */
  readonly dataDirectory: string;
  /** 0: any free one. */
  readonly port?: number;
  /** Further lines of its configuration file, such as logins or TLS. */
  readonly furtherConfiguration?: string;
  /** Default: `nats-server.log` in the data folder. */
  readonly logFile?: string;
  /** What all streams in files may take together, bytes; three quarters of the free disk unless told. */
  readonly maxFileStoreBytes?: number;
  /** Recovery reads the tail of all streams: 120 s unless told. */
  readonly readyTimeoutMs?: number;
  /** A member of a cluster keeps its name: the others know it by that. */
  readonly cluster?: NatsClusterMembership & { readonly serverName: string };
  readonly say?: Say;
  /** Gives up a start which is under way. */
  readonly signal?: AbortSignal;
};

const PORT_ATTEMPTS = 5;

/**
 * Starts nats-server with JetStream on loopback, and waits until it answers.
 * @throws {Error} with the end of its log when it does not come up.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port || (await findFreePort());
    try {
      return await startOnPort(options, port);
    } catch (error) {
      const lostPort = error instanceof ServerStartError && error.log.includes('address already in use');
      if (!lostPort || options.port || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** Ends a server which a launcher that was killed has left on this data; startNatsServer does so by itself. */
export async function stopStaleNatsServer(directory: string, say: Say): Promise<void> {
  const { configurationFile, pidFile } = filesIn(resolve(directory));
  const isOurs = (commandLine: readonly string[]) => commandLine.includes(configurationFile);
  await stopStaleServer({ pidFile, stopSignal: 'SIGINT', isOurs, say });
}

function filesIn(dataDirectory: string) {
  return {
    configurationFile: join(dataDirectory, 'nats-server.conf'),
    pidFile: join(dataDirectory, 'nats-server.pid'),
  };
}

async function startOnPort(options: NatsServerOptions, port: number): Promise<RunningServer> {
  const { binary, maxFileStoreBytes, readyTimeoutMs = 120_000, cluster, say = () => {} } = options;
  const dataDirectory = resolve(options.dataDirectory);
  const { configurationFile, pidFile } = filesIn(dataDirectory);
  // Unique for each start: the answer to a probe must not come from a stranger on the same port.
  const serverName = cluster?.serverName ?? `herald-${randomUUID().slice(0, 8)}`;
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await stopStaleNatsServer(dataDirectory, say);
  const storeDirectory = join(dataDirectory, 'jetstream');
  const text = renderNatsConfiguration({
    serverName,
    host: '127.0.0.1',
    port,
    storeDirectory,
    pidFile,
    maxFileStoreBytes,
    ...(cluster === undefined ? {} : { cluster }),
  });
  const whole = `${text}${options.furtherConfiguration ?? ''}`;
  await writeFile(configurationFile, whole, { mode: 0o600 });
  const server = await spawnServer({
    binary,
    args: ['--config', configurationFile],
    logFile: options.logFile ?? join(dataDirectory, 'nats-server.log'),
    // Both signals flush the store; SIGINT also ends with code 0.
    stopSignal: 'SIGINT',
    environment: natsEnvironment(),
  });
  await waitUntilReady('nats-server', server, () => probeNats(port, serverName), {
    timeoutMs: readyTimeoutMs,
    signal: options.signal,
  });
  const { pid, exited, stop, kill } = server;
  return { url: `nats://127.0.0.1:${port}`, port, pid, exited, stop, kill };
}
