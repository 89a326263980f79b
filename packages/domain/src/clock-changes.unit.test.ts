import type { LocalWindow } from '@herald/contracts';
import { expect, test } from 'vitest';
import { type ClockChange, changesOf, minuteOfDayIn } from '../test/clock-changes.ts';
import { IANA_NAMES } from '../test/iana-names.ts';
import { isInsideWindow, nextWindowOpening } from './local-window.ts';
import { canonicalTimezone } from './timezone.ts';

const MINUTE = 60_000;
/** How far around a change every minute is looked at: no clock of these years moves by more than an hour. */
const AROUND_MINUTES = 75;
const DAY_MINUTES = 24 * 60;
/** All minutes around the changes of every name, instead of one name for each kind of change: about a minute. */
const isWhole = process.env.HERALD_ALL_ZONES === '1';

const OFFSETS = ['+00:00', '+05:45', '-03:30', '+14:00', '-23:59'];
const ZONES = [...new Set([...IANA_NAMES, ...Intl.supportedValuesOf('timeZone'), ...OFFSETS])];

const contains = ({ from, to }: LocalWindow, minute: number): boolean => {
  const [begin, end] = [from, to].map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  if (begin === undefined || end === undefined) throw new Error('a window has two ends');
  return begin < end ? minute >= begin && minute < end : minute >= begin || minute < end;
};

const time = (minute: number): string => {
  const ofDay = (minute + DAY_MINUTES) % DAY_MINUTES;
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`;
};

/** Windows that open or close just before, at, within and just after what a change skips or repeats. */
function windowsAround(change: ClockChange): LocalWindow[] {
  const minuteOf = minuteOfDayIn(change.timezone);
  const before = minuteOf(change.at - MINUTE);
  const after = minuteOf(change.at);
  return [
    { from: time(before - 20), to: time(before + 10) },
    { from: time(before + 11), to: time(before + 31) },
    { from: time(after), to: time(after + 25) },
    { from: time(after - 10), to: time(before - 40) },
  ];
}

function expectAsCalendar(change: ClockChange, minutes: readonly number[]): void {
  const minuteOf = minuteOfDayIn(change.timezone);
  for (const window of windowsAround(change)) {
    for (const minute of minutes) {
      const now = change.at + minute * MINUTE;
      const isInside = isInsideWindow(window, change.timezone, new Date(now));
      if (isInside !== contains(window, minuteOf(now))) fail(change, window, now);
    }
  }
}

/** From moments before and after the change, the opening is the first minute that the calendar finds inside. */
function expectOpenings(change: ClockChange): void {
  const minuteOf = minuteOfDayIn(change.timezone);
  const last = change.at + AROUND_MINUTES * MINUTE;
  for (const window of windowsAround(change)) {
    for (const from of [-40, -15, -1, 0, 7]) {
      const now = change.at + from * MINUTE;
      let expected = now;
      while (expected < last && !contains(window, minuteOf(expected))) expected += MINUTE;
      const opens = nextWindowOpening(window, change.timezone, new Date(now)).getTime();
      if (expected < last ? opens !== expected : opens < last) fail(change, window, now);
    }
  }
}

function fail(change: ClockChange, window: LocalWindow, now: number): never {
  const at = new Date(change.at).toISOString();
  const zone = change.timezone;
  throw new Error(`${zone} ${at}, ${window.from}–${window.to} at ${new Date(now).toISOString()}`);
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('windows open and close as the calendar says, at every change of every clock from 2020 to 2030', () => {
  const seen = new Set<string>();
  let changes = 0;
  for (const timezone of ZONES) {
    expect(canonicalTimezone(timezone)).toBe(timezone);
    for (const change of changesOf(timezone)) {
      changes += 1;
      const kind = `${change.at} ${change.before} ${change.after}`;
      if (isWhole || !seen.has(kind)) {
        expectAsCalendar(change, range(-AROUND_MINUTES, AROUND_MINUTES));
        expectOpenings(change);
      } else expectAsCalendar(change, [-61, -1, 0, 1, 61]);
      seen.add(kind);
    }
  }
  // Otherwise nothing was looked at: in 2020 alone more than two hundred clocks were changed.
  expect(changes).toBeGreaterThan(4_000);
  expect(seen.size).toBeGreaterThan(400);
}, 300_000);

test('where no clock changes, windows open and close as the calendar says through a day', () => {
  const window = { from: '09:00', to: '21:00' };
  const midnight = Date.parse('2026-05-05T00:00:00.000Z');
  for (const timezone of ZONES) {
    const minuteOf = minuteOfDayIn(timezone);
    for (let now = midnight; now < midnight + DAY_MINUTES * MINUTE; now += 30 * MINUTE) {
      expect(isInsideWindow(window, timezone, new Date(now)), timezone).toBe(contains(window, minuteOf(now)));
    }
  }
}, 60_000);
