import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { npmEnvironment } from './environment.mjs';
import { CHECKOUT, TOOLS } from './paths.mjs';

/**
 * Runs the program in our place: with our terminal, our signals, and its exit code for ours.
 * @param {{ node: string, pnpm: string }} tools
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function handOver({ node, pnpm }, command, args) {
  const child = spawn(command, args, {
    cwd: CHECKOUT,
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
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
