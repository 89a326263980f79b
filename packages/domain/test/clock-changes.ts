/** A moment (milliseconds since 1970, a full minute) from which on a clock shows another offset. */
export interface ClockChange {
  readonly timezone: string;
  readonly at: number;
  /** The offsets from UTC around it, minutes. */
  readonly before: number;
  readonly after: number;
}

const MINUTE = 60_000;
const STEP = 7 * 24 * 60 * MINUTE;
const FIRST = Date.parse('2020-01-01T00:00:00.000Z');
const LAST = Date.parse('2031-01-01T00:00:00.000Z');

/** The calendar of `Intl`, which knows nothing of Temporal: the minute of the local day at a moment. */
export function minuteOfDayIn(timezone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => {
    const shown = format.format(at);
    return Number(shown.slice(0, 2)) * 60 + Number(shown.slice(3, 5));
  };
}

/** Every change of a zone's clock from 2020 to 2030, found in the calendar of `Intl`. None is undone within a week. */
export function changesOf(timezone: string): ClockChange[] {
  const offsetAt = offsetIn(timezone);
  const changes: ClockChange[] = [];
  let before = offsetAt(FIRST);
  for (let from = FIRST; from < LAST; from += STEP) {
    const after = offsetAt(from + STEP);
    if (after === before) continue;
    changes.push({
      timezone,
      at: firstMinute(from, from + STEP, (at) => offsetAt(at) === after),
      before,
      after,
    });
    before = after;
  }
  return changes;
}

/** Minutes from UTC; a local clock is never more than twelve hours from UTC's, but that the date may be another. */
function offsetIn(timezone: string): (at: number) => number {
  const minuteOf = minuteOfDayIn(timezone);
  const day = 24 * 60;
  return (at) => {
    const difference = minuteOf(at) - (Math.floor(at / MINUTE) % day);
    return ((difference + day + day / 2) % day) - day / 2;
  };
}

/** The first full minute of (from, to] for which something holds that holds from there on. */
function firstMinute(from: number, to: number, holds: (at: number) => boolean): number {
  let [low, high] = [from, to];
  while (high - low > MINUTE) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
