import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONCURRENCY, CUT_CONCURRENCY, choosePlans } from './choose-plans.ts';

const plans = (kind: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${index}`);
const none = { small: 0, large: 0 };

test('small ones come first, and large ones take what is left of eight', () => {
  const due = { small: plans('small', 5), large: plans('large', 6) };
  expect(choosePlans(due, none)).toEqual([...due.small, 'large-0', 'large-1', 'large-2']);
});

test('a large one begins however many small ones there are', () => {
  const due = { small: plans('small', 100), large: plans('large', 2) };
  expect(choosePlans(due, none)).toEqual([...plans('small', 7), 'large-0']);
  expect(choosePlans(due, { small: 7, large: 0 })).toEqual(['large-0']);
});

test('the fifth large one waits for its turn, whatever is free', () => {
  const due = { small: [], large: plans('large', 5) };
  expect(choosePlans(due, none)).toEqual(plans('large', 4));
  expect(choosePlans({ small: [], large: ['large-4'] }, { small: 0, large: 4 })).toEqual([]);
  expect(choosePlans({ small: [], large: ['large-4'] }, { small: 4, large: 3 })).toEqual(['large-4']);
});

test('small ones begin while four large ones are carried', () => {
  const due = { small: plans('small', 9), large: plans('large', 3) };
  expect(choosePlans(due, { small: 0, large: 4 })).toEqual(plans('small', 4));
});

/*
 * Each round some of those under way end and the next ones begin; small ones are due again and again. What is due first of
 * the large ones is carried after so many rounds at the most as large ones stood before it.
 */
test('a large one waits only for the large ones before it, while small ones never end', () => {
  const script = fc.record({
    large: fc.integer({ min: 1, max: 30 }),
    small: fc.integer({ min: 0, max: 40 }),
  });
  fc.assert(
    fc.property(script, ({ large, small }) => {
      const waiting = plans('large', large);
      const order: string[] = [];
      let smallUnderWay = 0;
      let largeUnderWay: string[] = [];
      for (let round = 0; round < large; round += 1) {
        const underWay = { small: smallUnderWay, large: largeUnderWay.length };
        const begun = choosePlans({ small: plans('small', small), large: waiting }, underWay);
        const begunLarge = begun.filter((plan) => plan.startsWith('large'));
        waiting.splice(0, begunLarge.length);
        order.push(...begunLarge);
        largeUnderWay.push(...begunLarge);
        smallUnderWay += begun.length - begunLarge.length;
        expect(smallUnderWay + largeUnderWay.length).toBeLessThanOrEqual(CONCURRENCY);
        expect(largeUnderWay.length).toBeLessThanOrEqual(CUT_CONCURRENCY);
        // The oldest large one ends, and all small ones.
        largeUnderWay = largeUnderWay.slice(1);
        smallUnderWay = 0;
        expect(order.length).toBeGreaterThan(round);
      }
      expect(order).toEqual(plans('large', large));
    }),
  );
});
