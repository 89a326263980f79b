import { type QueryExecutorProvider, sql } from 'kysely';

/** Over which time the rate is taken, milliseconds. Bins of the timeline may be as long as a minute. */
const WINDOW_MS = 30_000;

/**
 * How many messages of a mailing ended a second, of late.
 *
 * @param now milliseconds since 1970
 */
export async function readRate(
  transaction: QueryExecutorProvider,
  mailingId: string,
  now: number,
): Promise<number> {
  const { rows } = await sql<{ first: number | null; width: number | null; ended: number }>`
    select min(bin) as first, max(width) as width, coalesce(sum(sent + failed + expired + cancelled + unknown), 0)::bigint as ended
    from timeline where mailing_id = ${mailingId}::uuid
      and bin > ${now}::bigint - greatest(${WINDOW_MS}::bigint, 2 * (select max(width) from timeline
        where mailing_id = ${mailingId}::uuid)) and bin <= ${now}::bigint`.execute(transaction);
  const { first = null, width = null, ended = 0 } = rows[0] ?? {};
  if (first === null || width === null || ended === 0) return 0;
  return (ended * 1_000) / Math.max(now - first, width, 1_000);
}
