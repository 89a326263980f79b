import { findFreePort, renderNatsConfiguration } from '@herald/embedded';
import { runLabels } from './containers.ts';
import type { TestNats } from './test-nats.ts';

const CONFIGURATION_FILE = '/etc/herald-nats.conf';
const CLIENT_PORT = 4222;
const NOT_RUNNING = 409;
/** Testcontainers' default is none: it would kill the server. */
const GRACE_MS = 7_000;

/** The same broker out of an image. Its port on the host is fixed, so that it survives a restart. */
export async function startNatsContainer(image: string): Promise<TestNats> {
  // Loaded only on this road: it takes half a second.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const port = await findFreePort();
  const content = renderNatsConfiguration({
    serverName: 'herald-test',
    host: '0.0.0.0',
    port: CLIENT_PORT,
    storeDirectory: '/data/jetstream',
  });
  const container = await new GenericContainer(image)
    .withLabels(runLabels())
    .withCopyContentToContainer([{ content, target: CONFIGURATION_FILE }])
    .withCommand(['--config', CONFIGURATION_FILE])
    .withExposedPorts({ container: CLIENT_PORT, host: port })
    .withWaitStrategy(Wait.forLogMessage('Server is ready'))
    .start();
  const runtime = await getContainerRuntimeClient();
  const handle = runtime.container.getById(container.getId());
  return {
    url: `nats://${container.getHost()}:${port}`,
    stop: async () => {
      await container.stop({ remove: true, removeVolumes: true });
    },
    kill: async () => {
      await handle.kill({ signal: 'SIGKILL' }).catch((error: { statusCode?: number }) => {
        if (error.statusCode !== NOT_RUNNING) throw error;
      });
    },
    freeze: async () => {
      await handle.pause();
    },
    thaw: async () => {
      await handle.unpause();
    },
    // Starts a container that was killed, too.
    restart: () => container.restart({ timeout: GRACE_MS }),
  };
}
