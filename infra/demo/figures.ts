import { z } from 'zod';

/** What happened to messages, in the order in which it is shown. */
export const STATUSES = ['queued', 'sent', 'failed', 'expired', 'cancelled', 'unknown'] as const;

const count = z.int().min(0);
const counts = z.object({
  queued: count,
  sent: count,
  failed: count,
  expired: count,
  cancelled: count,
  unknown: count,
});

/** `GET /mailings/{id}/stats`, as much of it as the demo looks at. */
export const statistics = z.object({
  status: z.string(),
  audienceResolved: z.boolean(),
  planned: count,
  counts,
  retries: count,
  firstSentAt: z.string().nullable(),
  lastSentAt: z.string().nullable(),
});
export type Statistics = z.infer<typeof statistics>;

/** What the provider says itself: `GET /journal/summary`. */
export const journal = z.object({ requests: count, distinctAccepted: count, repeatedAccepted: count });
export type Journal = z.infer<typeof journal>;

/** Messages whose fate is decided. */
export function settledCount({ counts: { sent, failed, expired, cancelled, unknown } }: Statistics): number {
  return sent + failed + expired + cancelled + unknown;
}

/** Messages a second between the first and the last one sent; `null` where that is no time at all. */
export function sendingRate({ counts: { sent }, firstSentAt, lastSentAt }: Statistics): number | null {
  if (firstSentAt === null || lastSentAt === null) return null;
  const seconds = (Date.parse(lastSentAt) - Date.parse(firstSentAt)) / 1_000;
  return seconds > 0 ? sent / seconds : null;
}
