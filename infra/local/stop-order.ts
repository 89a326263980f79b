import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from './part.ts';

/** Parts in the order of stopping: whoever takes work in, whoever does it, what they stand on. */
export type StopOrder = {
  readonly gateways: readonly Part[];
  readonly services: readonly Part[];
  readonly foundation: readonly Part[];
};

/** Gateways stop at once unless requests are waiting; these may end while the others stop already. */
const GATEWAYS_AHEAD_MS = 1_500;
/** From the beginning of the stop; what is there later is killed. In all it has to be done within 10 s. */
const SERVICES_DEADLINE_MS = 7_000;
const FOUNDATION_DEADLINE_MS = 9_000;

/** Stops everything, by force where it takes too long. */
export async function stopInOrder({ gateways, services, foundation }: StopOrder): Promise<void> {
  const begin = performance.now();
  for (const part of [...gateways, ...services, ...foundation]) part.retire();
  const stopAll = (parts: readonly Part[], deadlineMs: number) => {
    const graceMs = Math.max(0, deadlineMs - (performance.now() - begin));
    return Promise.all(parts.map((part) => part.stop(graceMs)));
  };
  const gatewaysGone = stopAll(gateways, SERVICES_DEADLINE_MS);
  const abandon = new AbortController();
  const ahead = sleep(GATEWAYS_AHEAD_MS, undefined, { signal: abandon.signal }).catch(() => undefined);
  await Promise.race([gatewaysGone, ahead]);
  abandon.abort();
  await Promise.all([gatewaysGone, stopAll(services, SERVICES_DEADLINE_MS)]);
  await stopAll(foundation, FOUNDATION_DEADLINE_MS);
}
