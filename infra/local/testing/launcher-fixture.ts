import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, isAlive } from '@herald/embedded';
import { type LauncherProcess, type LauncherSettings, spawnLauncher } from './launcher-process.ts';

/** Nothing of it is embedded: a system of stand-ins alone, which is up in a second. */
export const ALL_EXTERNAL: NodeJS.ProcessEnv = {
  NATS_URL: 'nats://127.0.0.1:1',
  DATABASE_URL: 'postgres://127.0.0.1:1/none',
  PROVIDER_URL: 'http://127.0.0.1:1',
};

export type LauncherFixture = {
  readonly dataDirectory: string;
  readonly port: number;
  /** On the fixture's data and port unless told otherwise. */
  launch(settings?: Partial<LauncherSettings>): LauncherProcess;
  /** Ends what still runs, and removes the data. */
  cleanUp(): Promise<void>;
};

export async function createLauncherFixture(): Promise<LauncherFixture> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'herald-launcher-'));
  const port = await findFreePort();
  const launched: LauncherProcess[] = [];
  return {
    dataDirectory,
    port,
    launch: (settings = {}) => {
      const launcher = spawnLauncher({ dataDirectory, port, ...settings });
      launched.push(launcher);
      return launcher;
    },
    cleanUp: async () => {
      for (const { pid, signal } of launched) if (isAlive(pid)) signal('SIGTERM');
      await Promise.all(launched.map(({ exited }) => exited));
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
