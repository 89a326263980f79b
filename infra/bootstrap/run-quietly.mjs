import { spawn } from 'node:child_process';
import { say } from './say.mjs';

const PROGRESS_EVERY_MS = 2_000;

/**
 * Runs a command whose output nobody wants to see unless it fails.
 * @param {string} what  what is being done, for the lines of progress
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>} rejects with the whole output when the command fails
 */
export function runQuietly(what, command, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const begin = Date.now();
    const progress = setInterval(() => {
      say(`${what} (${Math.round((Date.now() - begin) / 1000)} s)`);
    }, PROGRESS_EVERY_MS);
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      clearInterval(progress);
      reject(new Error(`${what} ${command} can't be run: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearInterval(progress);
      if (code === 0) return resolve();
      reject(new Error(`${what} failed (${signal ?? `exit code ${code}`}):\n${output.trim()}`));
    });
  });
}
