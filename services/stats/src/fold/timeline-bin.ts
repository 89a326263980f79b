const SECOND_MS = 1_000;

/** Widths of a bin of the timeline in milliseconds, with the age of a batch up to which they hold. */
const WIDTHS = [
  { width: SECOND_MS, upTo: 30 * 60 * SECOND_MS },
  { width: 10 * SECOND_MS, upTo: 5 * 60 * 60 * SECOND_MS },
] as const;
const WIDEST = 60 * SECOND_MS;

/** A span of time in which ends are counted together. */
export interface Bin {
  /** When it begins, milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds. */
  readonly width: number;
}

/**
 * The bin of an end. The sooner after its batch was queued, the finer: a mailing that takes seconds has a curve, and one
 * that takes days has no more than 1,800 rows of seconds, 1,620 of ten and one a minute. It follows from the batch alone, so it
 * is the same however the log is cut in chunks and lanes.
 *
 * @param endedAt milliseconds since 1970
 * @param queuedAt when the batch was queued, milliseconds since 1970
 */
export function binOf(endedAt: number, queuedAt: number): Bin {
  const age = endedAt - queuedAt;
  const width = WIDTHS.find(({ upTo }) => age < upTo)?.width ?? WIDEST;
  return { at: endedAt - (endedAt % width), width };
}
