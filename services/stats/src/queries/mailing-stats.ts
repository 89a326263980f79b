import type { mailingStatsQuery } from '@herald/contracts';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { inOneView, readAsOf } from './as-of.ts';
import { readCounts } from './read-counts.ts';
import { readTimeline } from './read-timeline.ts';

/** The statistics of one mailing, also of a deleted one, with a timeline of when messages ended. */
export function mailingStats(
  { database }: Dependencies,
  { mailingId }: z.infer<typeof mailingStatsQuery.request>,
): Promise<z.infer<typeof mailingStatsQuery.reply>> {
  return inOneView(database, async (transaction) => {
    const found = await readCounts(transaction, mailingId);
    if (found === null) return { stats: null };
    const timeline = await readTimeline(transaction, mailingId);
    const { firstSentAt, lastSentAt, ...counts } = found;
    return {
      stats: {
        mailing: mailingId,
        ...counts,
        firstSentAt: firstSentAt?.toISOString() ?? null,
        lastSentAt: lastSentAt?.toISOString() ?? null,
        timeline,
        asOf: await readAsOf(transaction),
      },
    };
  });
}
