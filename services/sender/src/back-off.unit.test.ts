import { expect, test } from 'vitest';
import { backOffMs, unwantedMs } from './back-off.ts';

test('doubles from half a second to fifteen, with full jitter', () => {
  expect([0, 1, 2, 3, 5, 6, 50].map((attempts) => backOffMs(attempts, 1))).toEqual([
    500, 500, 1_000, 2_000, 8_000, 15_000, 15_000,
  ]);
  expect(backOffMs(3, 0)).toBe(0);
  expect(backOffMs(3, 0.25)).toBe(500);
});

test('an unwanted delivery rests for a quarter of a second to a second', () => {
  expect([unwantedMs(0), unwantedMs(1)]).toEqual([250, 1_000]);
});
