import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerExit } from '@herald/embedded';
import { request } from 'undici';
import { DIRECTLY } from './directly.ts';
import type { PartRun } from './part.ts';

const PROBE_EVERY_MS = 50;
const PROBE_TIMEOUT_MS = 2_000;

export type ServiceCommand = {
  /** Relative to the working directory: the command line reads `node services/sender/src/main.ts`. */
  readonly script: string;
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Answers 200 as soon as the service does its work. */
  readonly readyUrl: string;
  onLine(line: string): void;
};

/**
 * Starts a service in the launcher's own process group, with a channel whose end tells it that the launcher is
 * gone (`disconnect`), so that it does not live on alone.
 */
export async function spawnService(service: ServiceCommand): Promise<PartRun> {
  const child = spawn(process.execPath, [service.script], {
    argv0: 'node',
    cwd: service.workingDirectory,
    env: service.environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exit = Promise.withResolvers<ServerExit>();
  child.once('exit', (code, signal) => exit.resolve({ code, signal }));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', resolve);
  });
  // Signals to a process which has just gone are no reason to end the launcher.
  child.on('error', () => {});
  readLines(child.stdout, service.onLine);
  readLines(child.stderr, service.onLine);
  const ended = new AbortController();
  void exit.promise.then(() => ended.abort());
  return {
    pid: child.pid ?? 0,
    ready: waitUntilReady(service.readyUrl, ended.signal),
    exited: exit.promise,
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine);
}

/** Never settles when the process ends first. */
async function waitUntilReady(url: string, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    if (await answers(url, ended)) return;
    await sleep(PROBE_EVERY_MS);
  }
  return new Promise(() => {});
}

async function answers(url: string, ended: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    const { statusCode, body } = await request(url, { dispatcher: DIRECTLY, signal });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
