import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOOLS } from './paths.mjs';
import { say } from './say.mjs';
import { readIfThere } from './tool.mjs';

const FILE = join(TOOLS, 'bootstrap.lock');
const PROGRESS_EVERY_MS = 2_000;

/**
 * Does what must not be done twice at the same time in one checkout.
 * @template Result
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withLock(work) {
  mkdirSync(TOOLS, { recursive: true });
  let told = Date.now() - PROGRESS_EVERY_MS;
  while (!tryToLock()) {
    if (Date.now() - told >= PROGRESS_EVERY_MS) {
      say('waiting for another start in this checkout to finish its installation…');
      told = Date.now();
    }
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(FILE, { force: true });
  }
}

function tryToLock() {
  try {
    writeFileSync(FILE, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    // One that was killed leaves its lock: it goes, and the next try takes it.
    const holder = Number.parseInt(readIfThere(FILE), 10);
    if (Number.isInteger(holder) && !isAlive(holder)) rmSync(FILE, { force: true });
    return false;
  }
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
