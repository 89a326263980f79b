import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BrokerClock } from './broker-clock.ts';

test('is unknown until something was stored', () => {
  const clock = new BrokerClock(() => 0);
  expect(clock.isKnown).toBe(false);
  clock.learn(1_000, 10, 14);
  expect([clock.isKnown, clock.now, clock.toLocal(1_000)]).toEqual([true, 988, 12]);
});

test('is wrong by half a round trip at most, and by less with every comparison', () => {
  const comparison = fc.record({
    gap: fc.integer({ min: 0, max: 50 }),
    there: fc.integer({ min: 0, max: 400 }),
    back: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(comparison, { minLength: 1, maxLength: 20 }),
      (offset, comparisons) => {
        let now = 0;
        const clock = new BrokerClock(() => now);
        let shortest = Number.POSITIVE_INFINITY;
        for (const { gap, there, back } of comparisons) {
          const askedAt = now + gap;
          now = askedAt + there + back;
          clock.learn(askedAt + there + offset, askedAt, now);
          shortest = Math.min(shortest, there + back);
        }
        const drift = now * 1e-3;
        expect(Math.abs(clock.now - (now + offset))).toBeLessThanOrEqual(shortest / 2 + drift + 1e-6);
      },
    ),
  );
});

test('a comparison that cannot be true together with the others counts alone', () => {
  const clock = new BrokerClock(() => 1_000);
  clock.learn(50_000, 0, 2);
  clock.learn(51_001, 1_000, 1_002);
  expect(clock.now).toBeCloseTo(51_000, 0);
  clock.learn(11_001, 1_100, 1_102);
  expect(clock.now).toBeCloseTo(10_900, 0);
});
