import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOOLS } from './paths.mjs';
import { say } from './say.mjs';
import { readIfThere } from './tool.mjs';

const PROGRESS_EVERY_MS = 2_000;

/**
 * Does what must not be done twice at the same time in one checkout.
 * @template Result
 * @param {() => Promise<Result>} work
 * @param {string} [directory]  where the lock is; another one in tests
 * @returns {Promise<Result>} rejects when the folder cannot be written, too
 */
export async function withLock(work, directory = TOOLS) {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'bootstrap.lock');
  let told = Date.now() - PROGRESS_EVERY_MS;
  while (!tryToLock(file)) {
    if (Date.now() - told >= PROGRESS_EVERY_MS) {
      say('waiting for another start in this checkout to finish its installation…');
      told = Date.now();
    }
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function tryToLock(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, describe(process.pid));
  try {
    // A link is made whole or not at all: nobody ever reads a lock without its holder.
    linkSync(own, file);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    // One that was killed leaves its lock: it goes, and the next try takes it.
    if (!isHeld(readIfThere(file))) rmSync(file, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** @param {string} holder */
function isHeld(holder) {
  const pid = Number.parseInt(holder, 10);
  return Number.isInteger(pid) && isAlive(pid) && describe(pid) === holder;
}

/**
 * Process ids are used again, above all in containers, where a restart gives out the same ones; a pair of id and
 * start time is not. Where there is no /proc the id alone decides.
 * @param {number} pid
 */
function describe(pid) {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The second field is the name in parentheses, which may itself hold spaces and parentheses.
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${startedAt}`;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
