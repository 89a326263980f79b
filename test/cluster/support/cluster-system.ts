import { type NatsCluster, startNatsCluster } from '@herald/testkit';
import { clusterBinary, environmentOf } from '../../e2e/support/broker.ts';
import { Herald } from '../../e2e/support/herald.ts';

/** A system, and the cluster that it runs on. */
export type ClusterSystem = {
  readonly herald: Herald;
  readonly cluster: NatsCluster;
  stop(): Promise<void>;
};

/** Two instances of what shares work, so that their races are there too. */
const SCALE = ['mailing', 'sender'].flatMap((service) => ['--scale', `${service}=2`]);

export async function startClusterSystem(): Promise<ClusterSystem> {
  const cluster = await startNatsCluster(await clusterBinary());
  try {
    const herald = await Herald.start({ args: SCALE, environment: environmentOf(cluster) });
    const stop = async (): Promise<void> => {
      try {
        await herald.stop();
      } finally {
        await cluster.stop();
      }
    };
    return { herald, cluster, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
