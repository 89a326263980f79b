import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@herald/embedded';
import { guardedFile } from './guarded-nats.ts';

export interface GuardedPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** A process in every test infrastructure, which offers TLS with the certificate of tests. */
export async function startGuardedPostgres(): Promise<GuardedPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'herald-guarded-postgres-'));
  // PostgreSQL refuses a key that others may read, and a checkout does not keep the mode.
  const key = join(directory, 'server.key');
  await copyFile(guardedFile('server.key'), key);
  await chmod(key, 0o600);
  const server = await startPostgres({
    dataDirectory: join(directory, 'postgres'),
    durable: false,
    furtherConfiguration: `ssl = on\nssl_cert_file = '${guardedFile('server.pem')}'\nssl_key_file = '${key}'\n`,
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
