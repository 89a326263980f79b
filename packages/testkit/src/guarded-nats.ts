import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateNatsServer, startNatsServer } from '@herald/embedded';

const FILES = join(import.meta.dirname, 'guarded');
const TOOLS = join(import.meta.dirname, '..', '..', '..', '.tools');

/** The path of a certificate or key that belongs to no system but those of tests. */
export const guardedFile = (name: string): string => join(FILES, name);

export interface Logins {
  readonly operator: string;
  readonly accountId: string;
  readonly account: string;
  readonly systemId: string;
  readonly system: string;
  readonly creds: string;
  readonly nkeySeed: string;
  readonly nkeyPublic: string;
  readonly strangerSeed: string;
}

export async function readLogins(): Promise<Logins> {
  return JSON.parse(await readFile(guardedFile('logins.json'), 'utf8'));
}

/** Configuration of a server that wants TLS. `server` is named localhost and 127.0.0.1, `server-ip` 127.0.0.1 alone. */
export const tlsConfiguration = (more = '', name: 'server' | 'server-ip' = 'server'): string => {
  const [certificate, key, authority] = [`${name}.pem`, `${name}.key`, 'ca.pem'].map(guardedFile);
  return `tls { cert_file: "${certificate}", key_file: "${key}", ca_file: "${authority}"${more} }\n`;
};

export interface GuardedNats {
  readonly port: number;
  /** Of its data, which the test may use for files of its own; goes when it is stopped. */
  readonly directory: string;
  stop(): Promise<void>;
  /** With another configuration, on the same port and data. */
  restart(furtherConfiguration: string): Promise<void>;
}

/** A process in every test infrastructure: what is tested is how it is reached. */
export async function startGuardedNats(furtherConfiguration: string): Promise<GuardedNats> {
  const binary = await locateNatsServer({ toolsDirectory: TOOLS, say: () => {} });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'herald-guarded-nats-'));
  let server = await startNatsServer({ binary, dataDirectory, furtherConfiguration });
  const { port } = server;
  return {
    port,
    directory: dataDirectory,
    stop: async () => {
      await server.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
    restart: async (next) => {
      await server.stop();
      server = await startNatsServer({ binary, dataDirectory, port, furtherConfiguration: next });
    },
  };
}
