import { defineConfig } from 'vitest/config';
import { forgetTheShell } from './test/of-the-shell.ts';

forgetTheShell();

/**
 * Everything against a cluster of three NATS servers, a system and a cluster of its own for each file: faults of the
 * cluster, and the tests of the whole system that do not strike the broker themselves. About 15 minutes on 2 cores.
 */
export default defineConfig({
  test: {
    name: 'cluster',
    include: [
      'test/cluster/**/*.test.ts',
      'test/e2e/{delivery,directory,life-cycle,power-cut,reading}.test.ts',
    ],
    // The core runs the directory's tests itself.
    exclude: ['test/cluster/core.test.ts'],
    globalSetup: ['test/cluster/support/provide-server.ts'],
    env: { HERALD_E2E_BROKER: 'cluster' },
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
