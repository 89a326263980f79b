import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort, isPortFree } from '@herald/embedded';
import type { SystemDescription } from '../local/description.ts';
import type { Scale } from '../local/scale.ts';
import { startSystem } from '../local/system.ts';
import type { SystemOutput } from './system-output.ts';

export type DemoSystem = {
  readonly checkoutDirectory: string;
  readonly scale: Scale;
  /** Whether the data folder stays. */
  readonly keep: boolean;
  readonly output: SystemOutput;
  readonly signal: AbortSignal;
  say(line: string): void;
};

/** Nobody who presses Ctrl-C waits longer than this, whatever hangs. */
const LOOPBACK = '127.0.0.1';
const STOP_WITHIN_MS = 9_800;
const PORT_ATTEMPTS = 100;

/**
 * Does the work on a system of its own, in a temporary data folder, and leaves nothing behind. URLs and PORT in the
 * environment are for the real system: a demo must neither write to its log nor send to its provider.
 * @throws what `startSystem` and the work throw.
 */
export async function withSystem<Result>(
  options: DemoSystem,
  work: (system: SystemDescription) => Promise<Result>,
): Promise<Result> {
  const { say, keep, output, signal } = options;
  signal.addEventListener('abort', () => output.expectStop(), { once: true });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'herald-demo-'));
  say(`The data are in ${dataDirectory}.`);
  try {
    const system = await start(options, dataDirectory);
    try {
      return await work(system.describe());
    } finally {
      say('Stopping the system…');
      output.expectStop();
      await Promise.race([system.stop(), sleep(STOP_WITHIN_MS)]);
    }
  } finally {
    if (keep) say(`The data stay; HERALD_DATA=${dataDirectory} npm start goes on with them.`);
    else await rm(dataDirectory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function start(options: DemoSystem, dataDirectory: string) {
  const { checkoutDirectory, scale, output, signal } = options;
  const configuration = {
    port: await findFreePorts(scale.gateway),
    dataDirectory,
    logLevel: process.env.LOG_LEVEL?.trim() || 'info',
    gatewayHost: LOOPBACK,
    opsHost: LOOPBACK,
    natsUrl: undefined,
    natsLogin: {},
    databaseUrl: undefined,
    providerUrl: undefined,
    providerToken: undefined,
  };
  const environment = { ...process.env, HOST: LOOPBACK, AUTH: '', OPS_HOST: LOOPBACK };
  return startSystem({
    checkoutDirectory,
    servicesDirectory: 'services',
    configuration,
    scale,
    environment,
    output,
    signal,
  });
}

/** The first of so many free ports in a row: gateways stand side by side. */
async function findFreePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    const first = await findFreePort();
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isPortFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`No ${count} free ports in a row were found.`);
}
