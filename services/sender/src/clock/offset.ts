/** By how much the log's clock is ahead of ours, milliseconds: certainly between these two. */
export interface Offset {
  readonly lowest: number;
  readonly highest: number;
}

/** One exchange with the broker: it stored a message between our sending and its answer. Milliseconds since 1970. */
export interface Exchange {
  /** By our clock. */
  readonly sentAt: number;
  /** By the broker's. */
  readonly storedAt: number;
  /** By ours. */
  readonly answeredAt: number;
}

/** Clocks are read in whole milliseconds, rounded down: what was read may be so much later. */
const GRAIN_MS = 1;

/** What one exchange proves: the message was stored after it was sent and before that was answered. */
export const offsetOf = ({ sentAt, storedAt, answeredAt }: Exchange): Offset => ({
  lowest: storedAt - (answeredAt + GRAIN_MS),
  highest: storedAt + GRAIN_MS - sentAt,
});

/**
 * What several exchanges prove together, which is at least what the quickest of them does (RFC 5905, 11.2.1).
 *
 * @returns `null` where they contradict each other: one of the clocks was set in between
 */
export function intersect(offsets: readonly Offset[]): Offset | null {
  const lowest = Math.max(...offsets.map((offset) => offset.lowest));
  const highest = Math.min(...offsets.map((offset) => offset.highest));
  return offsets.length === 0 || lowest > highest ? null : { lowest, highest };
}

/** The best guess, milliseconds; positive where our clock is behind. */
export const estimateOf = ({ lowest, highest }: Offset): number => (lowest + highest) / 2;

/** How wrong the guess can be, milliseconds. */
export const errorOf = ({ lowest, highest }: Offset): number => (highest - lowest) / 2;

/** A clock that was off counts as right again well inside the tolerance: at its edge it would go to and fro. */
const MENDED_WITHIN = 0.8;

/**
 * Whether our clock is too wrong to go by. A slow answer widens what is known and must not stop a sender whose clock is
 * right, so only what is certainly beyond the tolerance counts.
 */
export function isOff(offset: Offset, toleranceMs: number, wasOff: boolean): boolean {
  if (offset.lowest > toleranceMs || offset.highest < -toleranceMs) return true;
  return wasOff && Math.abs(estimateOf(offset)) > toleranceMs * MENDED_WITHIN;
}
