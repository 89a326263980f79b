import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locateNatsServer, startPostgres } from '@herald/embedded';
import { startContainerGuard } from './container-guard.ts';
import { fetchImage, removeContainers } from './containers.ts';
import type { TestInfrastructure } from './infrastructure.ts';
import { startPostgresContainer } from './postgres-container.ts';

export type PreparedInfrastructure = { readonly provided: TestInfrastructure; release(): Promise<void> };

const TOOLS_DIRECTORY = join(import.meta.dirname, '..', '..', '..', '.tools');
const NATS_IMAGE = process.env.HERALD_TEST_NATS_IMAGE || 'nats:2.12-alpine';
const POSTGRES_IMAGE = process.env.HERALD_TEST_POSTGRES_IMAGE || 'postgres:18-alpine';

/**
 * Prepares real servers on the road that HERALD_TEST_INFRASTRUCTURE names: `local` processes, `docker`
 * containers, or `auto` (the default): local ones, and containers where no local broker can be had.
 * @throws when neither road is open.
 */
export async function prepareInfrastructure(directory: string, run: string): Promise<PreparedInfrastructure> {
  const road = process.env.HERALD_TEST_INFRASTRUCTURE || 'auto';
  if (road === 'docker') return prepareContainers(directory, run);
  if (road !== 'auto' && road !== 'local') {
    throw new Error(`HERALD_TEST_INFRASTRUCTURE must be local, docker or auto, not "${road}".`);
  }
  try {
    return await prepareProcesses(directory);
  } catch (error) {
    if (road === 'local' || !(await isDockerAnswering())) throw error;
    say(`There are no local servers for the tests, so containers are taken: ${String(error)}`);
    return prepareContainers(directory, run);
  }
}

async function prepareProcesses(directory: string): Promise<PreparedInfrastructure> {
  const path = await locateNatsServer({ toolsDirectory: TOOLS_DIRECTORY, say });
  const postgres = await startPostgres({ dataDirectory: join(directory, 'postgres'), durable: false });
  return {
    provided: { nats: { kind: 'binary', path }, postgresUrl: postgres.adminUrl, directory },
    release: () => postgres.stop(),
  };
}

async function prepareContainers(directory: string, run: string): Promise<PreparedInfrastructure> {
  // Both now: a test file that waited for a pull would run into the time limit of its hooks.
  await Promise.all([NATS_IMAGE, POSTGRES_IMAGE].map(fetchImage));
  // Testcontainers' own reaper does the same where it is allowed to run.
  const guard = process.env.TESTCONTAINERS_RYUK_DISABLED === 'true' ? startContainerGuard(run) : undefined;
  const postgres = await startPostgresContainer(POSTGRES_IMAGE);
  return {
    provided: { nats: { kind: 'image', image: NATS_IMAGE }, postgresUrl: postgres.url, directory },
    release: async () => {
      await postgres.stop();
      const left = await removeContainers(run);
      await guard?.dismiss();
      if (left.length > 0) throw new Error(`Tests have left containers behind:\n  ${left.join('\n  ')}`);
    },
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function isDockerAnswering(): Promise<boolean> {
  const ask = promisify(execFile)('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeout: 10_000,
  });
  return ask.then(
    () => true,
    () => false,
  );
}
