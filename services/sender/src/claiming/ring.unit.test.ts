import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from './ring.ts';

function ringOf<Member>(...members: Member[]): Ring<Member> {
  const ring = new Ring<Member>();
  for (const member of members) ring.add(member);
  return ring;
}

const everybody = (): boolean => true;

test('goes round in the order of arrival', () => {
  const ring = ringOf('a', 'b', 'c');
  expect([1, 2, 3, 4].map(() => ring.take(everybody))).toEqual(['a', 'b', 'c', 'a']);
});

test('passes over who does not want, and forgets nobody', () => {
  const ring = ringOf('a', 'b', 'c');
  const turns = [1, 2, 3, 4].map(() => ring.take((member) => member !== 'b'));
  expect(turns).toEqual(['a', 'c', 'a', 'c']);
  expect(ring.take(everybody)).toBe('a');
  expect(ring.take(everybody)).toBe('b');
});

test('whoever joins comes after all who are there', () => {
  const ring = ringOf('a', 'b', 'c');
  ring.take(everybody);
  ring.add('d');
  expect([1, 2, 3, 4].map(() => ring.take(everybody))).toEqual(['b', 'c', 'a', 'd']);
});

test('whoever leaves does not cost another the turn', () => {
  const ring = ringOf('a', 'b', 'c');
  ring.take(everybody);
  ring.remove('a');
  expect([1, 2, 3].map(() => ring.take(everybody))).toEqual(['b', 'c', 'b']);
  ring.remove('b');
  ring.remove('c');
  expect(ring.take(everybody)).toBeUndefined();
});

test('of any members that always want, none gets two turns more than another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 500 }), (members, turns) => {
      const ring = ringOf(...Array.from({ length: members }, (_, index) => index));
      const counts = new Array<number>(members).fill(0);
      for (let turn = 0; turn < turns; turn += 1) {
        const taken = ring.take(everybody);
        if (taken !== undefined) counts[taken] = (counts[taken] ?? 0) + 1;
      }
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});
