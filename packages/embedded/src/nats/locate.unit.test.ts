import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { locateNatsServer } from './locate.ts';

afterEach(() => vi.unstubAllEnvs());

test('a binary which was named but does not run is refused instead of taking another', async () => {
  vi.stubEnv('HERALD_NATS_SERVER', '/nowhere/nats-server');
  const located = locateNatsServer({ toolsDirectory: '/nowhere', say: () => {} });
  await expect(located).rejects.toThrow('HERALD_NATS_SERVER=/nowhere/nats-server is not a nats-server');
});

test.each([
  ['v2.8.4', false],
  ['v1.4.1', false],
  ['v2.9.0', true],
  ['v2.15.1', true],
  ['v3.0.0-RC.1', true],
])('a server that says %s: taken is %s', async (version, isTaken) => {
  const directory = await mkdtemp(join(tmpdir(), 'herald-locate-'));
  const binary = join(directory, 'nats-server');
  await writeFile(binary, `#!/bin/sh\necho nats-server: ${version}\n`);
  await chmod(binary, 0o755);
  vi.stubEnv('HERALD_NATS_SERVER', binary);
  try {
    const located = locateNatsServer({ toolsDirectory: '/nowhere', say: () => {} });
    if (isTaken) expect(await located).toBe(binary);
    else await expect(located).rejects.toThrow('2.9.0 or newer is needed');
  } finally {
    await rm(directory, { recursive: true });
  }
});
