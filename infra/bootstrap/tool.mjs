import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOOLS } from './paths.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

/**
 * Where the packages of a tool's folder are.
 * @param {string} folder
 */
export const modulesOf = (folder) => join(TOOLS, folder, 'node_modules');

/**
 * Installs one package into a folder of its own below `.tools/`, unless this very version is there. A folder
 * in the checkout rather than the cache of npx: it works with no network, and costs no second at each start.
 * @param {{ folder: string, name: string, version: string, why: string, env: NodeJS.ProcessEnv }} tool
 */
export async function provideTool({ folder, name, version, why, env }) {
  const directory = join(TOOLS, folder);
  const stamp = join(directory, 'installed.txt');
  const wanted = `${name}@${version}\n`;
  if (readIfThere(stamp) === wanted) return;
  const what = `installing ${name} ${version} into .tools/${folder}…`;
  say(`${what} ${why}`);
  mkdirSync(directory, { recursive: true });
  // Makes it a root of its own for npm, and not a part of the checkout around it.
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  await runQuietly(what, 'npm', [...args, `${name}@${version}`], { cwd: directory, env });
  writeFileSync(stamp, wanted);
}

/**
 * The text of a file, or an empty one when there is none.
 * @param {string} path
 */
export function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
