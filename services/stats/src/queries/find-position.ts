import { type QueryExecutorProvider, sql } from 'kysely';

/**
 * The last position of a mailing's own records that the log had stored at a moment. What a mailing was then is the fold up
 * to there: also where the clock of a server that took over was a little behind, and times do not rise with positions.
 *
 * @param at milliseconds since 1970, by the log's own time
 * @returns 0 where nothing of it stood in the log
 */
export async function findPosition(
  transaction: QueryExecutorProvider,
  mailingId: string,
  at: number,
): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    select greatest(
      (select max(sequence) from mailing_version where mailing_id = ${mailingId}::uuid and stored_at <= ${at}::bigint),
      (select max(sequence) from count_change where mailing_id = ${mailingId}::uuid and stored_at <= ${at}::bigint),
      0) as position`.execute(transaction);
  return rows[0]?.position ?? 0;
}
