import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@herald/embedded';
import { z } from 'zod';
import { StartRefusedError } from './start-refused.ts';

/** Far longer than it takes from reading a lock to replacing it. */
const SETTLE_MS = 250;

const lockContent = z.object({ pid: z.int().min(1), startedAt: z.string() });

export type DataLock = {
  /** Whether an earlier launcher ended without giving the lock back: it was killed. */
  readonly takenOver: boolean;
  release(): Promise<void>;
};

/**
 * Makes sure that one launcher at a time works on a data folder.
 * @throws {StartRefusedError} when another is at work there.
 */
export async function lockDataDirectory(dataDirectory: string): Promise<DataLock> {
  const file = join(dataDirectory, 'launcher.lock');
  const own = join(dataDirectory, `launcher.lock.${process.pid}`);
  const content = { pid: process.pid, startedAt: await readStartTime(process.pid) };
  await writeFile(own, JSON.stringify(content), { mode: 0o600 });
  const release = async () => {
    if ((await readHolder(file))?.pid === process.pid) await rm(file, { force: true });
  };
  try {
    // A link is made whole or not at all, and refuses to replace: of two that come at once one is second.
    await link(own, file);
    return { takenOver: false, release };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await refuseOther(file, dataDirectory);
    await rename(own, file);
    // Several may have found the same lock left behind at once: it belongs to the last that took it.
    await sleep(SETTLE_MS);
    await refuseOther(file, dataDirectory);
    return { takenOver: true, release };
  } finally {
    await rm(own, { force: true });
  }
}

/** @throws {StartRefusedError} when the lock is another running launcher's. */
async function refuseOther(file: string, dataDirectory: string): Promise<void> {
  const holder = await readHolder(file);
  if (holder === undefined || holder.pid === process.pid || !(await isRunning(holder))) return;
  throw new StartRefusedError(
    `Another launcher (process ${holder.pid}) is at work on ${dataDirectory}. Stop it, or set HERALD_DATA ` +
      'to another folder (and PORT to another port) for a second system.',
  );
}

async function readHolder(file: string): Promise<z.infer<typeof lockContent> | undefined> {
  try {
    return lockContent.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function isRunning(holder: z.infer<typeof lockContent>): Promise<boolean> {
  return isAlive(holder.pid) && (await readStartTime(holder.pid)) === holder.startedAt;
}

/**
 * Process ids are used again, a pair of id and start time is not. In clock ticks since boot; empty where there
 * is no /proc, or no such process (a zombie is none), so that there the id alone decides.
 */
async function readStartTime(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the name in parentheses, which may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? '' : (fields[19] ?? '');
}
