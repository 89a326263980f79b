import type { mailingStatsQuery } from '@herald/contracts';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { inServed } from '../generations/in-served.ts';
import { asOfAt, readAsOf } from './as-of.ts';
import { readBreakdown } from './breakdown/read-breakdown.ts';
import { findPosition } from './find-position.ts';
import { type MailingCounts, readCounts, readCountsAt } from './read-counts.ts';
import { readRate } from './read-rate.ts';
import { readTimeline } from './read-timeline.ts';

/** The statistics of one mailing, also of a deleted one, now or at a past moment of the log's own time. */
export function mailingStats(
  { database }: Dependencies,
  { mailingId, at, by }: z.infer<typeof mailingStatsQuery.request>,
): Promise<z.infer<typeof mailingStatsQuery.reply>> {
  return inServed(database, async (transaction) => {
    const position = at === undefined ? null : await findPosition(transaction, mailingId, Date.parse(at));
    const found =
      position === null
        ? await readCounts(transaction, mailingId)
        : await readCountsAt(transaction, mailingId, position);
    if (found === null) return { stats: null };
    const timeline = await readTimeline(transaction, mailingId, position);
    const now = Date.now();
    const isMoving = position === null && found.status === 'running' && found.counts.queued > 0;
    const rate = isMoving ? await readRate(transaction, mailingId, now) : 0;
    const breakdown = by === undefined ? null : await readBreakdown(transaction, { mailingId, by, position });
    return {
      stats: {
        mailing: mailingId,
        ...found,
        ...expected(found, rate, now),
        timelineSeconds: timeline.seconds,
        timeline: timeline.rows,
        breakdown,
        asOf: asOfAt(await readAsOf(transaction), at),
      },
    };
  });
}

/** The farthest end that is worth saying, milliseconds: ten years. */
const FARTHEST_MS = 10 * 365 * 86_400_000;

function expected(
  { counts, planned, audienceResolved }: MailingCounts,
  rate: number,
  now: number,
): { readonly ratePerSecond: number | null; readonly expectedEndAt: string | null } {
  if (rate <= 0) return { ratePerSecond: null, expectedEndAt: null };
  const { queued, ...ended } = counts;
  // While the plan is still cut some are not queued yet.
  const left = audienceResolved
    ? planned - Object.values(ended).reduce((sum, count) => sum + count, 0)
    : queued;
  const leftMs = Math.min((left / rate) * 1_000, FARTHEST_MS);
  return {
    ratePerSecond: Math.round(rate * 10) / 10,
    expectedEndAt: new Date(now + leftMs).toISOString(),
  };
}
