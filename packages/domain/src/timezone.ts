/** An offset from UTC: `+03:00`, `-0530`, `+03`. */
const OFFSET = /^[+-]([01]\d|2[0-3])(:?[0-5]\d)?$/;
const LONGEST_NAME = 64;

/**
 * True for a time zone that the clock can be read in: an IANA name (`Europe/Moscow`, `UTC`) or an offset. A zone that
 * is not known would silently lose its clients, so every place that takes one in asks this.
 */
export function isTimezone(timezone: string): boolean {
  if (timezone.length === 0 || timezone.length > LONGEST_NAME) return false;
  if (OFFSET.test(timezone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** `-0530` and `+03` as the calendar wants them: `-05:30`, `+03:00`. Names stay as they are. */
export function normalTimezone(timezone: string): string {
  const match = /^([+-]\d{2}):?(\d{2})?$/.exec(timezone);
  return match === null ? timezone : `${match[1]}:${match[2] ?? '00'}`;
}
