import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Statistics, statistics } from './figures.ts';
import type { Progress } from './progress.ts';
import type { RestApi } from './rest-api.ts';
import { watchForStall } from './stall.ts';

/** Nothing has moved for a minute. */
export class StalledError extends Error {
  constructor(seconds: number, lastTrouble: string | undefined) {
    const trouble = lastTrouble === undefined ? '' : ` The last request failed: ${lastTrouble}.`;
    super(`The mailing has not moved for ${seconds} s; giving up.${trouble}`);
    this.name = 'StalledError';
  }
}

export type Following = {
  readonly api: RestApi;
  readonly mailingId: string;
  readonly clients: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

const ASK_EVERY_MS = 250;
const GIVE_UP_AFTER_MS = 60_000;
/** Statistics which lag behind the settled mailing still move; those which stay so are final. */
const FINAL_AFTER_MS = 5_000;

/** How far the mailing service is, among other things: before it plans it has to know all clients. */
const monitor = z.object({
  services: z.object({ mailing: z.array(z.object({ details: z.unknown() })) }),
});
const mailing = z.object({ settledAt: z.string().nullable() });

/**
 * Follows the statistics until the mailing is settled and all of it is counted.
 * @returns the last statistics, also when the figures do not fit: to judge is the verdict's part.
 * @throws {StalledError} when nothing moves for 60 s.
 */
export async function followMailing(following: Following): Promise<Statistics> {
  const { clients, progress, signal } = following;
  const watch = watchForStall(performance.now());
  for (;;) {
    const seen = await look(following);
    const now = performance.now();
    if (seen.kind === 'answered') {
      progress.show(seen.stats);
      watch.see(seen, now);
      const complete = seen.stats.planned === clients || watch.stillMs(now) > FINAL_AFTER_MS;
      if (seen.settled && complete) return seen.stats;
    }
    // A service which does not answer may be on its way back up: only that nothing moves for long is the end.
    if (watch.stillMs(now) > GIVE_UP_AFTER_MS) {
      throw new StalledError(GIVE_UP_AFTER_MS / 1_000, seen.kind === 'failed' ? seen.reason : undefined);
    }
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

type Look =
  | {
      readonly kind: 'answered';
      readonly stats: Statistics;
      readonly settled: boolean;
      readonly planning: unknown;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** Asks for the mailing itself only once nothing is left to send by its statistics. */
async function look({ api, mailingId, signal }: Following): Promise<Look> {
  try {
    const stats = await api.get(`/mailings/${mailingId}/stats`, statistics);
    const allCounted = stats.audienceResolved && stats.counts.queued === 0;
    const settled = allCounted && (await api.get(`/mailings/${mailingId}`, mailing)).settledAt !== null;
    const planning = stats.audienceResolved ? undefined : await api.get('/monitor', monitor);
    return { kind: 'answered', stats, settled, planning };
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
