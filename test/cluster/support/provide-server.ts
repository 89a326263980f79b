import type { TestProject } from 'vitest/node';
import { clusterBinary } from '../../e2e/support/broker.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no server for a cluster on this machine; null where there is one. */
    clusterServerMissing: string | null;
  }
}

/**
 * Looks for the server once, before any test waits for its download.
 *
 * @throws in a continuous integration (CI=true) where there is none, since nobody reads there what was skipped; and where
 *   the one that was named cannot be taken
 */
export async function setup(project: TestProject): Promise<void> {
  try {
    const path = await clusterBinary();
    process.stderr.write(`cluster suite: ${path}\n`);
    project.provide('clusterServerMissing', null);
  } catch (error) {
    const isNamed = (process.env.HERALD_CLUSTER_NATS_SERVER ?? '') !== '';
    if (process.env.CI === 'true' || isNamed) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`\n!!! The tests on a cluster are SKIPPED: ${reason}\n\n`);
    project.provide('clusterServerMissing', reason);
  }
}
