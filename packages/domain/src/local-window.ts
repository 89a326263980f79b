import type { LocalWindow } from '@herald/contracts';
import { Temporal } from 'temporal-polyfill';
import { canonicalTimezone } from './timezone.ts';

const DAY_MINUTES = 24 * 60;

/** Minutes since midnight of `HH:MM`. */
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** `from` belongs to the window, `to` does not; `from` later than `to` means across midnight. */
function contains(window: LocalWindow, minute: number): boolean {
  const from = minutesOf(window.from);
  const to = minutesOf(window.to);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function zoned(timezone: string, now: Date): Temporal.ZonedDateTime {
  const readable = canonicalTimezone(timezone);
  if (readable === null) throw new RangeError(`${timezone} is no time zone`);
  return Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(readable);
}

const minuteOfDay = (local: Temporal.ZonedDateTime): number => local.hour * 60 + local.minute;

/**
 * True while the local time of a zone is inside the window.
 *
 * @throws RangeError for a time zone that is none
 */
export function isInsideWindow(window: LocalWindow, timezone: string, now: Date): boolean {
  return contains(window, minuteOfDay(zoned(timezone, now)));
}

/**
 * The first moment, now or later, at which the local time of a zone is inside the window. Exact also where the clock
 * jumps: a window whose opening falls into a skipped hour opens at the jump, one that is repeated opens twice.
 *
 * @throws RangeError for a time zone that is none
 */
export function nextWindowOpening(window: LocalWindow, timezone: string, now: Date): Date {
  let local = zoned(timezone, now);
  // Two rounds serve a day without a jump; every jump on the way costs one more.
  for (let round = 0; round < 8; round += 1) {
    if (contains(window, minuteOfDay(local))) break;
    local = earlier(untilOpening(window, local), local.getTimeZoneTransition('next'));
  }
  return new Date(local.epochMilliseconds);
}

/** Where the opening would be if the clock did not jump on the way. */
function untilOpening(window: LocalWindow, local: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const minutes = (minutesOf(window.from) - minuteOfDay(local) + DAY_MINUTES) % DAY_MINUTES;
  return local.round({ smallestUnit: 'minute', roundingMode: 'floor' }).add({ hours: 0, minutes });
}

function earlier(
  opening: Temporal.ZonedDateTime,
  jump: Temporal.ZonedDateTime | null,
): Temporal.ZonedDateTime {
  return jump !== null && jump.epochMilliseconds < opening.epochMilliseconds ? jump : opening;
}
