const DEFAULT_MS = 1_000;
/** A provider that refuses cannot mean "at once": without a pause every message of a batch would be tried in a row. */
const SHORTEST_MS = 100;

/** IMF-fixdate and the obsolete form of RFC 850 name GMT; that of asctime has no zone and means it. */
const HTTP_DATE = /^[A-Z][a-z]+, ?\d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** The headers of a refusal that say how long to wait, as they came. */
export interface RetryHeaders {
  readonly retryAfter: string | null;
  /** When the provider gave its answer, by its own clock. */
  readonly date: string | null;
}

/**
 * How long a provider wants to be left alone, milliseconds: `Retry-After` in seconds or as an HTTP date (RFC 9110,
 * 10.2.3 and 5.6.7). A date is compared with the answer's own `Date`, so that the provider's clock may be wrong; `now`
 * (milliseconds since 1970) stands in where that is absent. From 0.1 s to `longestMs`, so that a mistake there neither
 * makes us hammer nor stops everything for days; `null` where the header is absent or makes no sense.
 */
export function retryAfterMs(headers: RetryHeaders, now: number, longestMs: number): number | null {
  const value = headers.retryAfter?.trim() ?? '';
  if (/^\d+$/.test(value)) return bounded(Number(value) * 1_000, longestMs);
  const until = parseDate(value);
  if (until === null) return null;
  return bounded(until - (parseDate(headers.date?.trim() ?? '') ?? now), longestMs);
}

/** The same, and 1 s where the provider does not say: for refusals that ask for a pause by what they are. */
export const pauseMs = (headers: RetryHeaders, now: number, longestMs: number): number =>
  retryAfterMs(headers, now, longestMs) ?? DEFAULT_MS;

const bounded = (milliseconds: number, longestMs: number): number =>
  Math.min(Math.max(milliseconds, SHORTEST_MS), longestMs);

/** Milliseconds since 1970; `null` for what is no date of HTTP (`Date.parse` alone takes `-1` and `1.5` for dates). */
function parseDate(value: string): number | null {
  const text = ASCTIME_DATE.test(value) ? `${value} GMT` : HTTP_DATE.test(value) ? value : '';
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}
