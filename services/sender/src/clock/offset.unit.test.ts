import { expect, test } from 'vitest';
import { errorOf, estimateOf, intersect, isOff, offsetOf } from './offset.ts';

test('one exchange tells the offset to half of its round trip, and the grain of the clocks', () => {
  const offset = offsetOf({ sentAt: 1_000, storedAt: 1_305, answeredAt: 1_010 });
  expect(offset).toEqual({ lowest: 294, highest: 306 });
  expect([estimateOf(offset), errorOf(offset)]).toEqual([300, 6]);
});

test('a slow way there or back widens what is known and never misleads', () => {
  // Our clock is right; the message lay 40 ms on its way, or its acknowledgement did.
  for (const storedAt of [1_040, 1_000]) {
    const { lowest, highest } = offsetOf({ sentAt: 1_000, storedAt, answeredAt: 1_040 });
    expect(lowest <= 0 && highest >= 0).toBe(true);
  }
});

test('several exchanges know more than the quickest of them', () => {
  const offset = intersect([
    { lowest: -9, highest: 2 },
    { lowest: -1, highest: 30 },
    { lowest: -4, highest: 4 },
  ]);
  expect(offset).toEqual({ lowest: -1, highest: 2 });
});

test('exchanges that contradict each other, or none at all, tell nothing', () => {
  expect(
    intersect([
      { lowest: -2, highest: 2 },
      { lowest: 98, highest: 102 },
    ]),
  ).toBeNull();
  expect(intersect([])).toBeNull();
});

test.for([
  [0, 1, false],
  [49, 10, false],
  [59, 10, false],
  [61, 10, true],
  [-61, 10, true],
  [200, 180, false],
  [200, 100, true],
] as const)('an offset of %i give or take %i, with 50 tolerated, is off: %s', ([offset, error, off]) => {
  expect(isOff({ lowest: offset - error, highest: offset + error }, 50, false)).toBe(off);
});

test('a clock that was off is right again well inside the tolerance only', () => {
  expect(isOff({ lowest: 44, highest: 46 }, 50, true)).toBe(true);
  expect(isOff({ lowest: 38, highest: 40 }, 50, true)).toBe(false);
});
