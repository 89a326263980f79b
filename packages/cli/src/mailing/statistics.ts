import { z } from 'zod';
import { type Paint, paintStatus } from '../output/paint.ts';
import { drawTable } from '../output/table.ts';
import { formatCount, oneLine } from '../output/text.ts';

/** What happens to messages, in the order in which it is shown. */
export const STATUSES = ['queued', 'sent', 'failed', 'expired', 'cancelled', 'unknown'] as const;
export type Status = (typeof STATUSES)[number];

const count = z.number();
export const counts = z.looseObject({
  queued: count,
  sent: count,
  failed: count,
  expired: count,
  cancelled: count,
  unknown: count,
});
export type Counts = z.output<typeof counts>;

const breakdown = z.looseObject({ value: z.string().nullable(), planned: count, counts });

/** `GET /mailings/{id}/stats` */
export const statistics = z.looseObject({
  mailing: z.string(),
  status: z.string(),
  audienceResolved: z.boolean(),
  planned: count,
  counts,
  retries: count,
  firstSentAt: z.string().nullable(),
  lastSentAt: z.string().nullable(),
  ratePerSecond: z.number().nullable().optional(),
  expectedEndAt: z.string().nullable().optional(),
  breakdown: z.array(breakdown).optional(),
  asOf: z.string(),
});
export type Statistics = z.output<typeof statistics>;

/** Messages whose fate is decided. */
export const settledCount = ({ counts }: Statistics): number =>
  counts.sent + counts.failed + counts.expired + counts.cancelled + counts.unknown;

export type Counted = {
  readonly name: string;
  readonly status?: string;
  readonly planned: number;
  readonly counts: Counts;
};

/** A row for each mailing, or for each part of one. */
export function drawCounts(head: string, rows: readonly Counted[], paint: Paint): string {
  const withStatus = rows.some(({ status }) => status !== undefined);
  return drawTable(
    [
      { title: head },
      ...(withStatus ? [{ title: 'STATUS' }] : []),
      ...['planned', ...STATUSES].map((title) => ({ title: title.toUpperCase(), align: 'right' as const })),
    ],
    rows.map(({ name, status, planned, counts }) => [
      oneLine(name),
      ...(withStatus ? [paintStatus(paint, status ?? '')] : []),
      formatCount(planned),
      ...STATUSES.map((each) => drawCount(each, counts[each], paint)),
    ]),
    paint,
  );
}

/** What needs no look is dim. */
const drawCount = (status: Status, value: number, paint: Paint): string =>
  value === 0
    ? paint('dim', '0')
    : status === 'failed'
      ? paint('red', formatCount(value))
      : formatCount(value);
