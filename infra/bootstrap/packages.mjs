import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmEnvironment } from './environment.mjs';
import { CHECKOUT } from './paths.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';
import { modulesOf, provideTool, readIfThere } from './tool.mjs';

const FOLDER = 'pnpm';
const STAMP = join(CHECKOUT, 'node_modules', '.herald-installed');

/**
 * The path of the pnpm which package.json names. Somebody who came through `pnpm start` has it already.
 * @param {string} node
 * @returns {Promise<string>}
 */
export async function providePnpm(node) {
  const { packageManager } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8'));
  const version = /^pnpm@([\d.]+)/.exec(packageManager)?.[1];
  if (version === undefined) throw new Error('package.json names no pnpm in its field packageManager.');
  await provideTool({ folder: FOLDER, name: 'pnpm', version, why: '', env: npmEnvironment([node]) });
  return join(modulesOf(FOLDER), '.bin', 'pnpm');
}

/**
 * Installs what the lockfile names, unless nothing has changed since it was last done.
 * @param {string} node
 * @param {string} pnpm
 */
export async function installPackages(node, pnpm) {
  const wanted = fingerprint();
  if (readIfThere(STAMP) === wanted) return;
  const what = 'installing packages…';
  say(what);
  const args = ['install', '--frozen-lockfile', '--reporter=append-only'];
  await runQuietly(what, pnpm, args, { cwd: CHECKOUT, env: { ...npmEnvironment([node]), CI: 'true' } });
  writeFileSync(STAMP, wanted);
}

/** Of everything that decides what an installation looks like. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of listManifests()) hash.update(`${file}\n`).update(readFileSync(join(CHECKOUT, file)));
  return hash.digest('hex');
}

function listManifests() {
  const groups = ['packages', 'services'].flatMap((group) =>
    readdirSync(join(CHECKOUT, group)).map((name) => `${group}/${name}`),
  );
  const members = [...groups, 'infra', 'test'].map((folder) => `${folder}/package.json`);
  const files = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', ...members];
  return files.filter((file) => existsSync(join(CHECKOUT, file))).sort();
}
