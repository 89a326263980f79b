import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { forgetTheShell } from './test/of-the-shell.ts';

forgetTheShell();

/** Tests with real servers wait more than they work: two files at once also where there are two cores. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

/**
 * Projects by what they need: nothing, real servers, the whole system as processes. Of the fault suite only the core is
 * among them; all of it takes 25 minutes and has a configuration of its own (vitest.resilience.config.ts). The same holds
 * for the tests on a cluster (vitest.cluster.config.ts).
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          maxWorkers,
          // Nothing waits here: a time-out only ends what never ends, also on a machine that is busy with other things.
          testTimeout: 60_000,
          include: ['{packages,services,infra,test}/**/*.unit.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          maxWorkers,
          include: ['{packages,services,infra}/**/*.int.test.ts'],
          // As above: what a test waits for has a time-out of its own.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ['packages/testkit/src/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'resilience',
          include: ['test/resilience/core.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // After everything else: what it measures must not depend on what runs beside it.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/core.test.ts'],
          globalSetup: ['test/cluster/support/provide-server.ts'],
          env: { HERALD_E2E_BROKER: 'cluster' },
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
