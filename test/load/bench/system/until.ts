import { setTimeout as sleep } from 'node:timers/promises';
import { watchForStall } from '../../../../infra/demo/stall.ts';

/** Nothing has moved for so long: it is not slow, it stands. */
const STANDS_AFTER_MS = 120_000;
/** What is asked often keeps the machine from what is measured; so seldom that the answer is 2 % late at the most. */
const SHARE_OF_ELAPSED = 0.02;
const MOST_OFTEN_MS = 20;
const MOST_SELDOM_MS = 250;

/** What was looked at, and what of it has to move while it is waited for. */
export type Look<Result> = { readonly done: Result | undefined; readonly state: unknown };

/**
 * Looks again and again until it is done, however long it takes.
 * @throws when what is looked at has not changed for two minutes, or the signal is aborted
 */
export async function until<Result>(
  what: string,
  look: () => Promise<Look<Result>>,
  signal: AbortSignal,
): Promise<Result> {
  const begin = performance.now();
  const watch = watchForStall(begin);
  for (;;) {
    signal.throwIfAborted();
    const { done, state } = await look();
    if (done !== undefined) return done;
    const now = performance.now();
    watch.see(state, now);
    if (watch.stillMs(now) > STANDS_AFTER_MS) {
      throw new Error(`Nothing moved any more before ${what}: ${JSON.stringify(state)}`);
    }
    const everyMs = Math.min(MOST_SELDOM_MS, Math.max(MOST_OFTEN_MS, (now - begin) * SHARE_OF_ELAPSED));
    await sleep(everyMs, undefined, { signal });
  }
}
