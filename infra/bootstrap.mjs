/**
 * `npm start`, `npm run herald`, `npm run demo`, `npm run bench`, `npm test`, `npm run test:resilience` and
 * `npm run test:cluster` on a machine that has Node 20 or newer, npm, and nothing else: fetches the Node and the pnpm
 * that this project runs on into `.tools/`, installs the packages, and hands over.
 * The second time all is there already and nothing is asked of the network.
 *
 * Plain JavaScript, and nothing but Node's own modules: it runs before anything is installed.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderOfCall } from './bootstrap/environment.mjs';
import { handOver } from './bootstrap/hand-over.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { provideNode } from './bootstrap/node.mjs';
import { installPackages, providePnpm } from './bootstrap/packages.mjs';
import { CHECKOUT } from './bootstrap/paths.mjs';
import { fail } from './bootstrap/say.mjs';

const ENTRIES = {
  start: 'infra/local/start.ts',
  demo: 'infra/local/demo.ts',
  bench: 'test/load/bench/main.ts',
  herald: 'packages/cli/src/main.ts',
};

/** Tasks that take files of whoever calls them, and so work where the call was made. */
const WHERE_CALLED = new Set(['herald']);

/** What `npm start` reads, too: the environment itself wins. */
const envFile = join(CHECKOUT, '.env');
// Node has a flag for a file that may be missing, which says so each time.
const readEnvFile = existsSync(envFile) ? [`--env-file=${envFile}`] : [];

/** Tasks that are scripts of package.json, and run with the pnpm that belongs to the project. */
const SCRIPTS = { test: 'verify', 'test:resilience': 'test:faults', 'test:cluster': 'test:on-cluster' };

const [task = '', ...given] = process.argv.slice(2);
// npm takes the `--` of `npm start -- --scale sender=3` for itself, pnpm passes it on.
const args = given[0] === '--' ? given.slice(1) : given;
if (!Object.hasOwn(SCRIPTS, task) && !Object.hasOwn(ENTRIES, task)) {
  fail(`Usage: node infra/bootstrap.mjs ${[...Object.keys(ENTRIES), ...Object.keys(SCRIPTS)].join('|')}`);
}

try {
  const tools = await withLock(async () => {
    const node = await provideNode();
    const pnpm = await providePnpm(node);
    await installPackages(node, pnpm);
    return { node, pnpm };
  });
  process.exitCode = Object.hasOwn(SCRIPTS, task)
    ? await handOver(tools, tools.pnpm, ['run', SCRIPTS[task], ...args])
    : WHERE_CALLED.has(task)
      ? await handOver(
          tools,
          tools.node,
          [...readEnvFile, join(CHECKOUT, ENTRIES[task]), ...args],
          folderOfCall(),
        )
      : await handOver(tools, tools.node, [ENTRIES[task], ...args]);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
