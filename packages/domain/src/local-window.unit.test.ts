import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInsideWindow, nextWindowOpening } from './local-window.ts';

const DAY = { from: '09:00', to: '21:00' };
const NIGHT = { from: '22:00', to: '06:00' };
const MINUTE = 60_000;

const inside = (window: typeof DAY, timezone: string, now: string): boolean =>
  isInsideWindow(window, timezone, new Date(now));
const opening = (window: typeof DAY, timezone: string, now: string): string =>
  nextWindowOpening(window, timezone, new Date(now)).toISOString();

describe('being inside', () => {
  test.each([
    ['08:59:59.999', false],
    ['09:00:00.000', true],
    ['20:59:59.999', true],
    ['21:00:00.000', false],
  ])('at %s of the day is %s', (time, expected) => {
    expect(inside(DAY, 'UTC', `2026-03-01T${time}Z`)).toBe(expected);
  });

  test.each([
    ['21:59:59.999', false],
    ['22:00:00.000', true],
    ['00:00:00.000', true],
    ['05:59:59.999', true],
    ['06:00:00.000', false],
  ])('across midnight at %s is %s', (time, expected) => {
    expect(inside(NIGHT, 'UTC', `2026-03-01T${time}Z`)).toBe(expected);
  });

  test('a window that ends where it begins is the whole day', () => {
    for (const time of ['00:00', '08:59', '09:00', '23:59']) {
      expect(inside({ from: '09:00', to: '09:00' }, 'UTC', `2026-03-01T${time}:00.000Z`)).toBe(true);
    }
  });

  test.each([
    ['+05:45', '2026-03-01T03:15:00.000Z'],
    ['Asia/Kathmandu', '2026-03-01T03:15:00.000Z'],
    ['-0330', '2026-03-01T12:30:00.000Z'],
    ['+03', '2026-03-01T06:00:00.000Z'],
    ['Europe/Moscow', '2026-03-01T06:00:00.000Z'],
    ['America/St_Johns', '2026-03-01T12:30:00.000Z'],
  ])('in %s begins at %s', (timezone, from) => {
    expect(inside(DAY, timezone, from)).toBe(true);
    expect(inside(DAY, timezone, new Date(Date.parse(from) - 1).toISOString())).toBe(false);
    expect(opening(DAY, timezone, new Date(Date.parse(from) - 1).toISOString())).toBe(from);
  });

  test('a time zone that is none is an error', () => {
    expect(() => inside(DAY, 'Mars/Olympus', '2026-03-01T00:00:00.000Z')).toThrow(RangeError);
  });
});

describe('the next opening', () => {
  test('is now while the window is open', () => {
    expect(opening(DAY, 'UTC', '2026-03-01T10:11:12.345Z')).toBe('2026-03-01T10:11:12.345Z');
  });

  test('is on the next day after the window has closed', () => {
    expect(opening(DAY, 'UTC', '2026-03-01T21:00:00.000Z')).toBe('2026-03-02T09:00:00.000Z');
  });

  test('that falls into the hour that spring skips is at the jump', () => {
    // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    const window = { from: '02:15', to: '04:00' };
    expect(opening(window, 'Europe/Berlin', '2026-03-29T00:30:00.000Z')).toBe('2026-03-29T01:00:00.000Z');
  });

  test('of a window that lies within the skipped hour is on the next day', () => {
    const window = { from: '02:15', to: '02:45' };
    expect(opening(window, 'Europe/Berlin', '2026-03-29T00:30:00.000Z')).toBe('2026-03-30T00:15:00.000Z');
  });

  test('comes twice in the hour that autumn repeats', () => {
    // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
    const window = { from: '02:15', to: '02:45' };
    expect(opening(window, 'Europe/Berlin', '2026-10-25T00:00:00.000Z')).toBe('2026-10-25T00:15:00.000Z');
    expect(inside(window, 'Europe/Berlin', '2026-10-25T00:45:00.000Z')).toBe(false);
    expect(opening(window, 'Europe/Berlin', '2026-10-25T00:45:00.000Z')).toBe('2026-10-25T01:15:00.000Z');
    expect(opening(window, 'Europe/Berlin', '2026-10-25T01:45:00.000Z')).toBe('2026-10-26T01:15:00.000Z');
  });

  test('knows jumps of half an hour', () => {
    // Lord Howe, 4 October 2026: 02:00 becomes 02:30 at 15:30 UTC of the day before.
    const window = { from: '02:10', to: '05:00' };
    expect(opening(window, 'Australia/Lord_Howe', '2026-10-03T15:00:00.000Z')).toBe(
      '2026-10-03T15:30:00.000Z',
    );
  });

  test('is inside the window, and no minute before it is', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Moscow',
      'Europe/Berlin',
      'America/New_York',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Chatham',
      'Africa/Casablanca',
      'America/Havana',
      '+05:45',
      '-0330',
    );
    const time = fc
      .nat(24 * 60 - 1)
      .map((minute) =>
        [minute / 60, minute % 60].map((part) => String(Math.floor(part)).padStart(2, '0')).join(':'),
      );
    const year = { min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2027-01-01T00:00:00Z') };
    const jumps = [
      '2026-03-29T01:00Z',
      '2026-10-25T01:00Z',
      '2026-03-08T07:00Z',
      '2026-11-01T06:00Z',
      '2026-10-03T15:30Z',
    ];
    const nearJump = fc
      .tuple(fc.constantFrom(...jumps), fc.integer({ min: -1500, max: 120 }))
      .map(([jump, minutes]) => Date.parse(jump) + minutes * MINUTE);
    const moments = fc.oneof(fc.integer(year), nearJump);
    fc.assert(
      fc.property(zones, time, time, moments, (timezone, from, to, moment) => {
        const window = { from, to };
        const now = new Date(moment);
        const opens = nextWindowOpening(window, timezone, now);
        expect(isInsideWindow(window, timezone, opens)).toBe(true);
        expect(opens.getTime()).toBeGreaterThanOrEqual(moment);
        // Windows change on whole minutes only, so one look into each minute on the way is enough.
        for (let minute = moment; minute < opens.getTime(); minute += MINUTE) {
          if (isInsideWindow(window, timezone, new Date(minute))) {
            throw new Error(`open already at ${new Date(minute).toISOString()}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  }, 20_000);
});
