/** What startContainerGuard runs: `node remove-abandoned-containers.ts <run>`, waiting for the end of its input. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeContainers } from './containers.ts';

const PAUSE_MS = 500;
/** A worker of the run may live on for a moment and be about to start one more. */
const QUIET_ROUNDS = 6;
const ROUNDS = 60;

const [run = ''] = process.argv.slice(2);
await once(process.stdin.resume(), 'end');
for (let quiet = 0, round = 0; quiet < QUIET_ROUNDS && round < ROUNDS; round++) {
  const removed = await removeContainers(run).catch(() => undefined);
  quiet = removed?.length === 0 ? quiet + 1 : 0;
  await sleep(PAUSE_MS);
}
