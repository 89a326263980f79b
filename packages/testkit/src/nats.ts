import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort, startNatsServer } from '@herald/embedded';
import { freezeProcess } from './freeze-process.ts';
import { testInfrastructure } from './infrastructure.ts';
import { startNatsContainer } from './nats-container.ts';
import type { TestNats } from './test-nats.ts';

/** Starts a broker with an empty store; call `stop` in `afterAll`. */
export async function startTestNats(): Promise<TestNats> {
  const { nats, directory } = testInfrastructure();
  return nats.kind === 'image'
    ? startNatsContainer(nats.image)
    : startNatsProcess(nats.path, await mkdtemp(join(directory, 'nats-')));
}

async function startNatsProcess(binary: string, dataDirectory: string): Promise<TestNats> {
  let server = await startNatsServer({ binary, dataDirectory, port: await findFreePort() });
  const { url, port } = server;
  return {
    url,
    stop: async () => {
      await server.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
    kill: () => server.kill(),
    freeze: () => freezeProcess(server.pid),
    thaw: async () => void process.kill(server.pid, 'SIGCONT'),
    restart: async () => {
      await server.stop();
      server = await startNatsServer({ binary, dataDirectory, port });
    },
  };
}
