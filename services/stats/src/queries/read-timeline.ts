import type { MessageCounts } from '@herald/contracts';
import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';

type TimelineRow = Omit<MessageCounts, 'queued'> & { at: string };

/** When messages ended, in bins of one width. */
export interface Timeline {
  /** How long a bin is, seconds. */
  readonly seconds: number;
  /** In order; bins in which nothing ended are left out. */
  readonly rows: TimelineRow[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Widths in milliseconds with how many rows a timeline of it has at most: a reply must fit a message of the broker. */
const WIDTHS: readonly (readonly [width: number, rows: number])[] = [
  [1_000, 600],
  [10_000, 600],
  [MINUTE_MS, 1_500],
  [10 * MINUTE_MS, 1_500],
  [HOUR_MS, 1_500],
  [24 * HOUR_MS, 1_500],
];

/**
 * When messages of a mailing ended, in the finest bins that are not too many.
 *
 * @param position counts what stands in the log up to there; null: all
 */
export async function readTimeline(
  transaction: QueryExecutorProvider,
  mailingId: string,
  position: number | null,
): Promise<Timeline> {
  const source =
    position === null
      ? sql`timeline where mailing_id = ${mailingId}::uuid`
      : sql`count_change where mailing_id = ${mailingId}::uuid and sequence <= ${position}::bigint and width > 0`;
  const { rows: spans } = await sql<{ width: number | null; span: number }>`
    select max(width) as width, max(bin) - min(bin) as span from ${source}`.execute(transaction);
  const width = chooseWidth(spans[0]?.width ?? 0, spans[0]?.span ?? 0);
  return { seconds: width / 1_000, rows: await readBins(transaction, source, width) };
}

/**
 * The finest bins that are not finer than what is stored, nor too many.
 *
 * @param stored the widest bin that is stored, milliseconds
 * @param span from the first to the last, milliseconds
 */
export function chooseWidth(stored: number, span: number): number {
  const chosen = WIDTHS.find(([width, rows]) => width >= stored && span / width < rows) ?? WIDTHS.at(-1);
  return chosen?.[0] ?? MINUTE_MS;
}

async function readBins(
  transaction: QueryExecutorProvider,
  source: RawBuilder<unknown>,
  width: number,
): Promise<TimelineRow[]> {
  const { rows } = await sql<Omit<TimelineRow, 'at'> & { at: number }>`
    select bin - bin % ${width}::bigint as at, sum(sent)::bigint as sent, sum(failed)::bigint as failed,
      sum(expired)::bigint as expired, sum(cancelled)::bigint as cancelled, sum(unknown)::bigint as unknown
    from ${source} group by 1 order by 1`.execute(transaction);
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}
