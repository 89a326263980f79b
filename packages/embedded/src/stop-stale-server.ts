import { readFile, rm } from 'node:fs/promises';
import { readCommandLine, signalProcess, waitUntilGone } from './process-table.ts';
import type { Say } from './running-server.ts';

const GRACE_MS = 20_000;

export type StaleServer = {
  /** Its first line is the process id. */
  readonly pidFile: string;
  readonly stopSignal: NodeJS.Signals;
  /** Process ids are used again: only a process which this recognises is touched. */
  isOurs(commandLine: readonly string[]): boolean;
  readonly say: Say;
};

/**
 * Ends a server which a launcher that was killed has left on the same data: two on one store would ruin it.
 * The pid file goes too, since PostgreSQL takes any process with the old id, even a zombie, for itself.
 * @throws when it is still there after SIGKILL.
 */
export async function stopStaleServer(stale: StaleServer): Promise<void> {
  const pid = await readPid(stale.pidFile);
  if (pid === undefined) return;
  const commandLine = await readCommandLine(pid);
  if (commandLine !== undefined && stale.isOurs(commandLine)) await end(pid, stale);
  await rm(stale.pidFile, { force: true });
}

async function end(pid: number, { stopSignal, say, pidFile }: StaleServer): Promise<void> {
  say(`ending the server (process ${pid}) which an earlier run has left on this data`);
  signalProcess(pid, stopSignal);
  if (await waitUntilGone(pid, GRACE_MS)) return;
  signalProcess(pid, 'SIGKILL');
  if (await waitUntilGone(pid, GRACE_MS)) return;
  throw new Error(`Process ${pid} still uses the data (see ${pidFile}) and cannot be ended.`);
}

async function readPid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text.split('\n')[0] ?? '', 10);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}
