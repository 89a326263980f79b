import { type BreakdownBy, type BreakdownRow, MOST_BREAKDOWN_ROWS } from '@herald/contracts';
import type { QueryExecutorProvider } from 'kysely';
import { countByBatch } from './by-batch.ts';
import { countByClient } from './by-client.ts';
import { type Cells, sumOf } from './cells.ts';

/** What is counted. */
export interface Wish {
  readonly mailingId: string;
  readonly by: BreakdownBy;
  /** Up to which position of the log; null: all that is folded. */
  readonly position: number | null;
}

/** Counts the messages of a mailing by what their clients were, the most frequent values first. */
export async function readBreakdown(transaction: QueryExecutorProvider, wish: Wish): Promise<BreakdownRow[]> {
  const cells = await count(transaction, wish);
  const rows = cells.rows();
  if (rows.length <= MOST_BREAKDOWN_ROWS) return rows;
  const shown = rows.slice(0, MOST_BREAKDOWN_ROWS - 1);
  return [...shown, sumOf(null, rows.slice(MOST_BREAKDOWN_ROWS - 1))];
}

function count(transaction: QueryExecutorProvider, { by, ...which }: Wish): Promise<Cells> {
  switch (by) {
    case 'operatorCode':
      return countByClient(transaction, { ...which, column: 'operator_code' });
    case 'tag':
      return countByClient(transaction, { ...which, column: 'tag' });
    case 'timezone':
      return countByBatch(
        transaction,
        which,
        ({ timezone }) =>
          () =>
            timezone,
      );
    case 'hour':
      return countByBatch(transaction, which, ({ timezone }) => hourIn(timezone));
    default:
      throw new Error(`${by satisfies never} is nothing to count by`);
  }
}

/** The hour of the day in a zone, `00` to `23`; null for what has not ended, and in a zone that cannot be read. */
function hourIn(timezone: string): (endedAt: Date | null) => string | null {
  const format = formatOf(timezone);
  // An end is in one of few hours: what an hour is called is asked once for each quarter of an hour.
  const known = new Map<number, string | null>();
  return (endedAt) => {
    if (endedAt === null || format === null) return null;
    const quarter = Math.floor(endedAt.getTime() / QUARTER_MS);
    let hour = known.get(quarter);
    if (hour === undefined) {
      hour = format.format(endedAt);
      known.set(quarter, hour);
    }
    return hour;
  };
}

/** Zones differ from UTC by multiples of it. */
const QUARTER_MS = 15 * 60 * 1_000;

function formatOf(timezone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en', { hour: '2-digit', hourCycle: 'h23', timeZone: timezone });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
