import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Herald } from '../../e2e/support/herald.ts';

export type Sabotage = 'idempotence' | 'fencing' | 'deadline' | 'poison';

const CHECKOUT = join(import.meta.dirname, '..', '..', '..');
const SCRIPT = join('services', 'sender', 'test', 'bed', 'sabotaged-main.ts');
/** A stop in order takes 6 s at the most. */
const STOP_MS = 8_000;

export type SabotagedSender = { readonly pid: number; stop(): Promise<void> };

/**
 * A sender without one of its safeguards, or with a bug (`poison`), beside a system that may have none of its own
 * (`--scale sender=0`).
 *
 * @param environment variables beside those that tell it where the system is
 */
export async function startSabotagedSender(
  herald: Herald,
  sabotage: Sabotage,
  environment: Readonly<Record<string, string>> = {},
): Promise<SabotagedSender> {
  const { natsUrl, provider, providerToken, dataDirectory } = await herald.describe();
  const child = spawn(process.execPath, [SCRIPT], {
    cwd: CHECKOUT,
    env: {
      PATH: process.env.PATH,
      NATS_URL: natsUrl,
      PROVIDER_URL: provider,
      PROVIDER_TOKEN: providerToken,
      INSTANCE: `sabotaged-${sabotage}`,
      SABOTAGE: sabotage,
      // By this the check for processes that are left behind finds it.
      HERALD_DATA: dataDirectory,
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { pid: child.pid ?? 0, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  // It may be frozen yet.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const inTime = await Promise.race([ended.then(() => true), sleep(STOP_MS, false, { ref: false })]);
  if (inTime) return;
  child.kill('SIGKILL');
  await ended;
}
