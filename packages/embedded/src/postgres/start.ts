import { chown, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../free-port.ts';
import type { Account } from '../run-as.ts';
import type { RunningServer, Say } from '../running-server.ts';
import { spawnServer } from '../spawn-server.ts';
import { stopStaleServer } from '../stop-stale-server.ts';
import { ServerStartError, waitUntilReady } from '../wait-until-ready.ts';
import { findPostgresBinaries } from './binaries.ts';
import { ensureDatabase, probePostgres } from './connect.ts';
import { ensureCluster, readOrMakePassword, SUPERUSER } from './create-cluster.ts';
import { postgresEnvironment } from './environment.ts';
import { findServerAccount } from './server-account.ts';
import { ensureServiceRole, SERVICE_ROLE } from './service-role.ts';
import { renderPostgresSettings, SETTINGS_FILE } from './settings.ts';

export type PostgresOptions = {
  /** The cluster, the password (mode 0600) and the log live here. One server at a time. */
  readonly dataDirectory: string;
  /** 0: any free one. */
  readonly port?: number;
  /** Default true; false trades safety for speed on throw-away data. */
  readonly durable?: boolean;
  /** Further lines of its configuration file, such as TLS. */
  readonly furtherConfiguration?: string;
  /** Default: `postgres.log` in the data folder. */
  readonly logFile?: string;
  /** Crash recovery may take long: 120 s unless told. */
  readonly readyTimeoutMs?: number;
  readonly say?: Say;
  /** Gives up a start which is under way. */
  readonly signal?: AbortSignal;
};

/** Its `url` is that of the services' role, which owns the database and is no superuser. */
export type PostgresServer = RunningServer & {
  /** Of the superuser. */
  readonly adminUrl: string;
};

const DATABASE = 'herald';
/** After `kill -9` of the server its children hold the shared memory until they notice. */
const SHARED_MEMORY_RETRY_MS = 200;
const SHARED_MEMORY_RETRIES = 50;
const PORT_RETRIES = 5;

/**
 * Starts PostgreSQL on loopback, makes cluster and database at first, and waits until it takes queries. Works
 * for root too: the server then runs as the cluster's owner or as `nobody`.
 * @throws {Error} with the end of its log when it does not come up.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { durable = true, readyTimeoutMs = 120_000, say = () => {} } = options;
  const dataDirectory = resolve(options.dataDirectory);
  const clusterDirectory = clusterIn(dataDirectory);
  const logFile = options.logFile ?? join(dataDirectory, 'postgres.log');
  const { initdb, postgres } = await findPostgresBinaries();
  const account = await findServerAccount(clusterDirectory);
  const password = await ensureCluster({ initdb, dataDirectory, clusterDirectory, account, durable, say });
  const servicePassword = await readOrMakePassword(join(dataDirectory, 'service-password'));
  await stopStalePostgres(dataDirectory, say);
  return startWithRetries(options.port ?? 0, async (port) => {
    const adminUrlOf = (name: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${name}`;
    await writeSettings(
      clusterDirectory,
      renderPostgresSettings({ port, durable, further: options.furtherConfiguration ?? '' }),
      account,
    );
    const server = await spawnServer({
      binary: postgres,
      args: ['-D', clusterDirectory],
      logFile,
      // Fast shutdown: ends open transactions instead of waiting for their clients.
      stopSignal: 'SIGINT',
      environment: postgresEnvironment(),
      ...(account === undefined ? {} : { account }),
    });
    await waitUntilReady('PostgreSQL', server, () => probePostgres(adminUrlOf('postgres')), {
      timeoutMs: readyTimeoutMs,
      signal: options.signal,
    });
    await ensureDatabase(adminUrlOf('postgres'), DATABASE);
    const adminUrl = adminUrlOf(DATABASE);
    await ensureServiceRole({ adminUrl, database: DATABASE, password: servicePassword });
    const { pid, exited, stop, kill } = server;
    const url = `postgres://${SERVICE_ROLE}:${servicePassword}@127.0.0.1:${port}/${DATABASE}`;
    return { url, adminUrl, port, pid, exited, stop, kill };
  });
}

/** Ends a server which a launcher that was killed has left on this data; startPostgres does so by itself. */
export async function stopStalePostgres(directory: string, say: Say): Promise<void> {
  const cluster = clusterIn(resolve(directory));
  const isOurs = (commandLine: readonly string[]) => commandLine.includes(cluster);
  await stopStaleServer({ pidFile: join(cluster, 'postmaster.pid'), stopSignal: 'SIGINT', isOurs, say });
}

function clusterIn(dataDirectory: string): string {
  return join(dataDirectory, 'cluster');
}

async function writeSettings(directory: string, text: string, account: Account | undefined): Promise<void> {
  const path = join(directory, SETTINGS_FILE);
  await writeFile(path, text, { mode: 0o600 });
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

/** Repeats what goes by itself: a port lost to another, and shared memory not yet given back. */
async function startWithRetries(
  wantedPort: number,
  start: (port: number) => Promise<PostgresServer>,
): Promise<PostgresServer> {
  let portRetries = wantedPort === 0 ? PORT_RETRIES : 0;
  let memoryRetries = SHARED_MEMORY_RETRIES;
  for (;;) {
    try {
      return await start(wantedPort || (await findFreePort()));
    } catch (error) {
      if (!(error instanceof ServerStartError)) throw error;
      if (/could not bind|could not create any TCP/.test(error.log) && portRetries-- > 0) continue;
      if (!error.log.includes('shared memory') || memoryRetries-- === 0) throw error;
      await sleep(SHARED_MEMORY_RETRY_MS);
    }
  }
}
