import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fairShares } from './fair-shares.ts';

const sum = (shares: Readonly<Record<string, number>>): number =>
  Object.values(shares).reduce((total, share) => total + share, 0);
const someWants = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.nat(100), { maxKeys: 10 });

test('divides by need: the modest get what they want, the others the same', () => {
  expect(fairShares({ a: 2, b: 100, c: 100 }, 12, 0)).toEqual({ a: 2, b: 5, c: 5 });
  expect(fairShares({ a: 1, b: 1 }, 10, 0)).toEqual({ a: 1, b: 1 });
  expect(fairShares({}, 10, 0)).toEqual({});
});

test('one that several want comes to each in turn', () => {
  const turns = [0, 1, 2, 3].map((turn) => fairShares({ a: 1, b: 1, c: 1 }, 1, turn));
  expect(turns.map(sum)).toEqual([1, 1, 1, 1]);
  for (const id of ['a', 'b', 'c']) expect(turns.some((shares) => shares[id] === 1)).toBe(true);
});

test('gives out all that is wanted and there, nobody more than it wants, nobody two less than another it could match', () => {
  fc.assert(
    fc.property(someWants, fc.nat(200), fc.nat(1_000), (wants, total, turn) => {
      const shares = fairShares(wants, total, turn);
      expect(sum(shares)).toBe(Math.min(total, sum(wants)));
      for (const [id, want] of Object.entries(wants)) {
        const share = shares[id] ?? 0;
        expect(share).toBeLessThanOrEqual(want);
        if (share < want) expect(Math.max(...Object.values(shares)) - share).toBeLessThanOrEqual(1);
      }
    }),
  );
});
