import { createHash } from 'node:crypto';
import type { MailingStatistics } from '../mailing-statistics/route.ts';

/** The statistics of a mailing at one time, ready to be written to any number of streams. */
export interface Snapshot {
  /** The same for the same statistics, whichever gateway has read them, whenever. */
  readonly id: string;
  /** The event of the stream, whole. */
  readonly event: Buffer;
  readonly status: MailingStatistics['status'];
  /** Nothing will change any more. */
  readonly isOver: boolean;
}

const ID_CHARACTERS = 22;

export function snapshotOf(statistics: MailingStatistics, isOver: boolean): Snapshot {
  const id = idOf(statistics);
  const event = Buffer.from(`id: ${id}\nevent: stats\ndata: ${JSON.stringify(statistics)}\n\n`);
  return { id, event, status: statistics.status, isOver };
}

/** `asOf` goes on while nothing changes, and what else is told follows from these. */
function idOf(statistics: MailingStatistics): string {
  const { status, audienceResolved, planned, counts, retries, firstSentAt, lastSentAt } = statistics;
  const told = [status, audienceResolved, planned, Object.values(counts), retries, firstSentAt, lastSentAt];
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, ID_CHARACTERS);
}

/** The last event of a stream: whoever reads it need not come again. */
export const endEventOf = ({ status }: Snapshot): string =>
  `event: end\ndata: ${JSON.stringify({ status })}\n\n`;

/** Whether these may be the last statistics of the mailing; the log tells. */
export function mayBeOver({ status, planned, counts }: MailingStatistics): boolean {
  const isEnded = status === 'completed' || status === 'expired' || status === 'deleted';
  const { queued, ...ended } = counts;
  const sum = Object.values(ended).reduce((total, count) => total + count, 0);
  return isEnded && queued === 0 && sum === planned;
}
