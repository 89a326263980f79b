const BASE_MS = 500;
const LONGEST_MS = 15_000;

/**
 * How long until the next try, milliseconds: exponential with full jitter (Brooker, "Exponential Backoff And Jitter",
 * 2015), 15 s at most.
 *
 * @param attempts how many tries there were
 * @param random from 0 to 1
 */
export function backOffMs(attempts: number, random: number): number {
  const doublings = Math.min(Math.max(attempts - 1, 0), 10);
  return random * Math.min(BASE_MS * 2 ** doublings, LONGEST_MS);
}

/** The pause before an unwanted delivery comes again, milliseconds: short, and not the same for all. */
export const unwantedMs = (random: number): number => 250 + random * 750;
