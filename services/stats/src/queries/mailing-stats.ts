import type { MessageCounts, mailingStatsQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Parts } from '../parts.ts';
import { inOneView, readAsOf } from './as-of.ts';
import { readCounts } from './read-counts.ts';

/** The statistics of one mailing, also of a deleted one, with a row for each minute in which messages ended. */
export function mailingStats(
  { database }: Parts,
  { mailingId }: z.infer<typeof mailingStatsQuery.request>,
): Promise<z.infer<typeof mailingStatsQuery.reply>> {
  return inOneView(database, async (transaction) => {
    const found = await readCounts(transaction, mailingId);
    if (found === null) return { stats: null };
    const { rows } = await sql<Omit<MessageCounts, 'queued'> & { at: Date }>`
      select at, sum(sent)::bigint as sent, sum(failed)::bigint as failed, sum(expired)::bigint as expired,
        sum(cancelled)::bigint as cancelled, sum(unknown)::bigint as unknown
      from timeline where mailing_id = ${mailingId} group by at order by at`.execute(transaction);
    const { firstSentAt, lastSentAt, ...counts } = found;
    return {
      stats: {
        mailing: mailingId,
        ...counts,
        firstSentAt: firstSentAt?.toISOString() ?? null,
        lastSentAt: lastSentAt?.toISOString() ?? null,
        timeline: rows.map((row) => ({ ...row, at: row.at.toISOString() })),
        asOf: await readAsOf(transaction),
      },
    };
  });
}
