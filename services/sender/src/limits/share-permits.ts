import { fairShares } from './fair-shares.ts';
import type { PermitRecord } from './permit-record.ts';

/** What one sender says of itself. Times are those of the broker's clock, milliseconds. */
export interface PermitAsk {
  readonly senderId: string;
  readonly now: number;
  /** Calls at once that all senders may have together. */
  readonly total: number;
  /** No more than this in any case. */
  readonly most: number;
  readonly wants: number;
  /** Calls that it has under way. */
  readonly inFlight: number;
  /** How long one call may take, milliseconds. */
  readonly callMs: number;
}

export interface PermitShare {
  /** As many calls it may have under way. */
  readonly permits: number;
  /** It is to come down (or may go up) to this, as its calls end. */
  readonly target: number;
  readonly until: number;
  readonly record: PermitRecord;
}

/** How long permits hold without a renewal, milliseconds. */
export const HOLD_MS = 2_000;
/** What does not divide among the senders goes round with this pace, milliseconds. */
const TURN_MS = 2_000;

/**
 * Renews one sender's permits: up to its fair share of those that nobody holds, down to it as its calls end. Permits of
 * a sender that is not heard of stay its own until every call that it may have begun is over.
 */
export function sharePermits(record: PermitRecord | null, ask: PermitAsk): PermitShare {
  const { senderId, now, total } = ask;
  const holders = Object.fromEntries(
    Object.entries(record?.holders ?? {}).filter(([, holder]) => holder.overAt > now),
  );
  const mine = holders[senderId]?.permits ?? 0;
  const others = Object.entries(holders).filter(([id]) => id !== senderId);
  const heldByOthers = others.reduce((sum, [, { permits }]) => sum + permits, 0);
  const silent = others.filter(([, { until }]) => until <= now);
  const heldBySilent = silent.reduce((sum, [, { permits }]) => sum + permits, 0);
  const awake = others.filter(([, { until }]) => until > now);
  const wants = {
    ...Object.fromEntries(awake.map(([id, holder]) => [id, holder.wants])),
    [senderId]: ask.wants,
  };
  const target = fairShares(wants, total - heldBySilent, Math.floor(now / TURN_MS))[senderId] ?? 0;
  const free = Math.max(0, total - heldByOthers);
  const permits = Math.max(Math.min(target, free, ask.most), Math.min(mine, ask.inFlight));
  const until = now + HOLD_MS;
  const renewed = { permits, wants: ask.wants, until, overAt: until + ask.callMs };
  return { permits, target, until, record: { holders: { ...holders, [senderId]: renewed } } };
}
