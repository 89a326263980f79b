import { afterEach, expect, test, vi } from 'vitest';
import { locateNatsServer } from './locate.ts';

afterEach(() => vi.unstubAllEnvs());

test('a binary which was named but does not run is refused instead of taking another', async () => {
  vi.stubEnv('HERALD_NATS_SERVER', '/nowhere/nats-server');
  const located = locateNatsServer({ toolsDirectory: '/nowhere', say: () => {} });
  await expect(located).rejects.toThrow('HERALD_NATS_SERVER=/nowhere/nats-server is not a nats-server');
});
