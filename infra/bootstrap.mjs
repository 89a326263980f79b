/**
 * `npm start`, `npm run demo` and `npm test` on a machine that has Node 20 or newer, npm, and nothing else:
 * fetches the Node and the pnpm that this project runs on into `.tools/`, installs the packages, and hands over.
 * The second time all is there already and nothing is asked of the network.
 *
 * Plain JavaScript, and nothing but Node's own modules: it runs before anything is installed.
 */

import { handOver } from './bootstrap/hand-over.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { provideNode } from './bootstrap/node.mjs';
import { installPackages, providePnpm } from './bootstrap/packages.mjs';
import { fail } from './bootstrap/say.mjs';

const ENTRIES = { start: 'infra/local/start.ts', demo: 'infra/local/demo.ts' };

const [task = '', ...given] = process.argv.slice(2);
// npm takes the `--` of `npm start -- --scale sender=3` for itself, pnpm passes it on.
const args = given[0] === '--' ? given.slice(1) : given;
if (task !== 'test' && !Object.hasOwn(ENTRIES, task)) fail('Usage: node infra/bootstrap.mjs start|demo|test');

try {
  const tools = await withLock(async () => {
    const node = await provideNode();
    const pnpm = await providePnpm(node);
    await installPackages(node, pnpm);
    return { node, pnpm };
  });
  process.exitCode =
    task === 'test'
      ? await handOver(tools, tools.pnpm, ['run', 'verify', ...args])
      : await handOver(tools, tools.node, [ENTRIES[task], ...args]);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
