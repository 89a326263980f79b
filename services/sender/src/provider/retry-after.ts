const DEFAULT_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * How long a provider wants to be left alone, milliseconds: `Retry-After` in seconds or as an HTTP date (RFC 9110,
 * 10.2.3); 1 s where it is absent or makes no sense, 60 s at most, so that a mistake there does not stop a mailing.
 */
export function retryAfterMs(header: string | null, now: number): number {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, LONGEST_MS);
  // `Date.parse` also takes `-1` or `1.5` for dates; those of HTTP begin with a letter.
  const date = /^[A-Za-z]/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(date)) return DEFAULT_MS;
  return Math.min(Math.max(date - now, 0), LONGEST_MS);
}
