import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './run-command.ts';

/** The arguments with which a process was started, or undefined when there is no such process (or a zombie). */
export async function readCommandLine(pid: number): Promise<readonly string[] | undefined> {
  if (process.platform !== 'linux') return readCommandLineFromPs(pid);
  try {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return raw === '' ? undefined : raw.replace(/\0$/, '').split('\0');
  } catch {
    return undefined;
  }
}

async function readCommandLineFromPs(pid: number): Promise<readonly string[] | undefined> {
  const result = await runCommand('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
  const line = result.output.trim();
  return result.ok && line !== '' ? line.split(' ') : undefined;
}

/** Whether the process exists, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Signals a process which is not our child; one that has just gone is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * Waits until a process which is not our child is gone, or is a zombie which nobody reaps (as in a container
 * without an init). Answers whether it went within the time (ms).
 */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while ((await readCommandLine(pid)) !== undefined) {
    if (Date.now() >= deadline) return false;
    await sleep(25);
  }
  return true;
}
