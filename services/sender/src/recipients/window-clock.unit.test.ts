import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WindowClock } from './window-clock.ts';

const DAY = { from: '09:00', to: '21:00' };
const NOON = Date.parse('2026-03-01T12:00:00.000Z');

describe('a window in a time zone', () => {
  test('is looked at by the clock of the zone, however it is spelled', () => {
    const clock = new WindowClock();
    for (const timezone of ['UTC', 'utc', '+00', '\u221200:00', '-0130', 'europe/moscow']) {
      expect(clock.look(DAY, timezone, NOON), timezone).toBe('open');
    }
    expect(clock.look(DAY, 'America/New_York', NOON)).toBe('closed');
    expect(clock.untilOpening(DAY, 'America/New_York', NOON)).toBe(2 * 60 * 60_000);
  });

  test('that cannot be read neither opens nor closes, and is not waited for', () => {
    const clock = new WindowClock();
    for (const timezone of ['IST', 'PST', 'Mars/Olympus', '', '+25:00']) {
      expect(clock.look(DAY, timezone, NOON), timezone).toBe('no-zone');
      expect(clock.untilOpening(DAY, timezone, NOON), timezone).toBe(0);
    }
  });

  test('has an answer whatever text stands for the zone', () => {
    const clock = new WindowClock();
    const zones = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'+-\u22120123:/ESTGMUC') }),
      fc.constantFrom('2020-01-01T00:00Z', '2020-01-01T00:00[UTC]', '__proto__'),
    );
    const moments = fc.integer({ min: NOON, max: NOON + 400 * 24 * 60 * 60_000 });
    fc.assert(
      fc.property(zones, moments, (timezone, now) => {
        const look = clock.look(DAY, timezone, now);
        expect(clock.untilOpening(DAY, timezone, now) > 0).toBe(look === 'closed');
      }),
      { numRuns: 500 },
    );
  }, 30_000);
});
