import { commonPostgresSettings } from '@herald/embedded';
import { runLabels } from './containers.ts';

const PORT = 5432;

export type PostgresContainer = { readonly url: string; stop(): Promise<void> };

/** PostgreSQL out of an image, with the settings that it has as a process. */
export async function startPostgresContainer(image: string): Promise<PostgresContainer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const settings = Object.entries(commonPostgresSettings({ durable: false }));
  const container = await new GenericContainer(image)
    .withLabels(runLabels())
    .withEnvironment({ POSTGRES_USER: 'herald', POSTGRES_PASSWORD: 'herald', POSTGRES_DB: 'herald' })
    .withCommand(['postgres', ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])])
    .withExposedPorts(PORT)
    // The image starts the server twice: once to set it up, then for good.
    .withWaitStrategy(Wait.forLogMessage('database system is ready to accept connections', 2))
    .start();
  return {
    url: `postgres://herald:herald@${container.getHost()}:${container.getMappedPort(PORT)}/herald`,
    stop: async () => {
      await container.stop({ remove: true, removeVolumes: true });
    },
  };
}
