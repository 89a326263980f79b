import { join } from 'node:path';
import { locateClusterNatsServer } from '@herald/embedded';
import { startNatsCluster } from '@herald/testkit';

/** A broker that is not the launcher's own, and what the launcher is told of it. */
export type BorrowedBroker = {
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

const TOOLS_DIRECTORY = join(import.meta.dirname, '..', '..', '..', '.tools');
const NONE: BorrowedBroker = { environment: {}, stop: async () => {} };

/**
 * A cluster of its own for each system where `HERALD_E2E_BROKER=cluster` (vitest.cluster.config.ts sets it): so every
 * test of the whole system can be run against one. Otherwise none, and none for a system that is told its broker.
 */
export async function borrowBroker(environment: Readonly<Record<string, string>>): Promise<BorrowedBroker> {
  if (process.env.HERALD_E2E_BROKER !== 'cluster' || 'NATS_URL' in environment) return NONE;
  const cluster = await startNatsCluster(await clusterBinary());
  return {
    environment: environmentOf(cluster),
    stop: () => cluster.stop(),
  };
}

/** @throws with what was tried when none can be had */
export const clusterBinary = (): Promise<string> =>
  locateClusterNatsServer({
    toolsDirectory: TOOLS_DIRECTORY,
    say: (line) => process.stderr.write(`${line}\n`),
  });

/** What the launcher is told of a cluster. */
export const environmentOf = ({ url }: { readonly url: string }): Readonly<Record<string, string>> => ({
  NATS_URL: url,
  STREAM_REPLICAS: '3',
});
