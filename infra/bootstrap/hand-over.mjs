import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { npmEnvironment } from './environment.mjs';
import { CHECKOUT, TOOLS } from './paths.mjs';

const PARENT_EVERY_MS = 500;

/**
 * Runs the program in our place: with our terminal, our signals, and its exit code for ours.
 * @param {{ node: string, pnpm: string }} tools
 * @param {string} command
 * @param {string[]} args
 * @param {string} [directory]  that it works in, by default the checkout
 * @returns {Promise<number>}
 */
export function handOver({ node, pnpm }, command, args, directory = CHECKOUT) {
  const child = spawn(command, args, {
    cwd: directory,
    env: { NODE_COMPILE_CACHE: join(TOOLS, 'compile-cache'), ...npmEnvironment([node, pnpm]) },
    stdio: 'inherit',
  });
  // Only the child knows how to stop in good order, so we outlive it, however often we are told to go. A
  // terminal sends Ctrl-C to the child as well: passing it on would make two of one.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  const watch = watchPackageManager(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

/**
 * Whoever kills `npm start` outright means all of it, but nobody tells us: we only get another parent. Started
 * without a package manager we may outlive our parent, as `nohup node infra/bootstrap.mjs start &` wants it.
 * @param {() => void} onGone
 */
function watchPackageManager(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onGone();
  }, PARENT_EVERY_MS);
  return watch;
}
