import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLogFile } from './log-file.ts';
import { type Account, runAs } from './run-as.ts';
import type { ServerExit } from './running-server.ts';

const GRACE_MS = 7_000;

export type ServerCommand = {
  readonly binary: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** What this server takes as the wish to end in good order. */
  readonly stopSignal: NodeJS.Signals;
  readonly account?: Account;
  readonly environment?: NodeJS.ProcessEnv;
};

export type ServerProcess = {
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  /** Set as soon as it has ended. */
  hasExited(): ServerExit | undefined;
  /** The end of what it wrote since it was started. */
  logTail(): string;
  /** By force after `graceMs` (7 s). The first call decides. */
  stop(graceMs?: number): Promise<void>;
  kill(): Promise<void>;
};

/**
 * Starts a server in a process group of its own, so that a terminal's Ctrl-C does not take it away from under
 * the services which still have work to finish.
 * @throws when the binary cannot be started at all.
 */
export async function spawnServer(server: ServerCommand): Promise<ServerProcess> {
  const { command, args } = await runAs(
    { command: server.binary, args: server.args },
    { parentDeathSignal: 'INT', ...(server.account === undefined ? {} : { account: server.account }) },
  );
  const log = openLogFile(server.logFile);
  const child = spawn(command, [...args], {
    detached: true,
    stdio: ['ignore', log.descriptor, log.descriptor],
    env: server.environment ?? process.env,
  });
  closeSync(log.descriptor);
  let exit: ServerExit | undefined;
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });

  async function end(graceMs: number): Promise<void> {
    if (exit !== undefined) return;
    child.kill(server.stopSignal);
    const abandon = new AbortController();
    await Promise.race([
      exited,
      sleep(graceMs, undefined, { signal: abandon.signal }).catch(() => undefined),
    ]);
    abandon.abort();
    await kill();
  }
  async function kill(): Promise<void> {
    if (exit === undefined) child.kill('SIGKILL');
    await exited;
  }
  let stopping: Promise<void> | undefined;
  return {
    pid,
    exited,
    hasExited: () => exit,
    logTail: log.tail,
    stop: (graceMs = GRACE_MS) => {
      stopping ??= end(graceMs);
      return stopping;
    },
    kill,
  };
}
