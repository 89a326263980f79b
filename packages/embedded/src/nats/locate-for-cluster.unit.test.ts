import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { locateClusterNatsServer } from './locate-for-cluster.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'herald-for-cluster-'));
  vi.stubEnv('HERALD_CLUSTER_NATS_SERVER', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

async function server(folder: string, version: string): Promise<string> {
  await mkdir(join(directory, folder), { recursive: true });
  const path = join(directory, folder, 'nats-server');
  await writeFile(path, `#!/bin/sh\necho nats-server: ${version}\n`);
  await chmod(path, 0o755);
  return path;
}

const locate = () => locateClusterNatsServer({ toolsDirectory: directory, say: () => {} });

test('a named one is taken, or refused where replicas are not safe on it', async () => {
  const named = await server('named', 'v2.9.21');
  vi.stubEnv('HERALD_CLUSTER_NATS_SERVER', named);
  expect(await locate()).toBe(named);
  await server('named', 'v2.9.20');
  await expect(locate()).rejects.toThrow(
    /HERALD_CLUSTER_NATS_SERVER=.*2\.9\.20.*2\.9\.21 or newer is needed/,
  );
});

test('one that was fetched before is taken without asking anybody', async () => {
  const fetched = await server('nats-server-cluster', 'v2.15.1');
  vi.stubEnv('PATH', '');
  expect(await locate()).toBe(fetched);
});
