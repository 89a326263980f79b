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
  expect([1, 2, 3].map(() => ring.take(everybody))).toEqual(['b', 'c', 'a']);
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

test('by weight: a heavy member comes more often, and others come in between as long as they have turns', () => {
  const weights: Record<string, number> = { a: 3, b: 1, c: 2 };
  const ring = new Ring<string>((member) => weights[member] ?? 1);
  for (const member of ['a', 'b', 'c']) ring.add(member);
  const turns = () => [1, 2, 3, 4, 5, 6].map(() => ring.take(everybody)).join('');
  expect([turns(), turns()]).toEqual(['abcaca', 'bcacaa']);
});

test('a weight that changes holds from the next round on', () => {
  let weight = 1;
  const ring = new Ring<string>((member) => (member === 'a' ? weight : 1));
  ring.add('a');
  ring.add('b');
  expect([1, 2].map(() => ring.take(everybody)).join('')).toBe('ab');
  weight = 3;
  expect([1, 2, 3, 4].map(() => ring.take(everybody)).join('')).toBe('abaa');
});

test('in every round each member that always wants gets exactly as many turns as its weight', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 5 }), (given, rounds) => {
      const ring = new Ring<number>((member) => given[member] ?? 1);
      for (const member of given.keys()) ring.add(member);
      const sum = given.reduce((total, weight) => total + weight, 0);
      const counts = new Array<number>(given.length).fill(0);
      for (let turn = 0; turn < sum * rounds; turn += 1) {
        const taken = ring.take(everybody);
        if (taken !== undefined) counts[taken] = (counts[taken] ?? 0) + 1;
      }
      expect(counts).toEqual(given.map((weight) => weight * rounds));
    }),
  );
});

test('nobody starves, whoever else wants or does not: who always wants waits for one round at most', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.boolean()), fc.integer({ min: 2, max: 8 }), (wishes, members) => {
      const ring = new Ring<number>((member) => (member === 0 ? 1 : 9));
      for (let member = 0; member < members; member += 1) ring.add(member);
      let waited = 0;
      for (let turn = 0; turn < 500; turn += 1) {
        const taken = ring.take((member) => member === 0 || wishes.next().value === true);
        waited = taken === 0 ? 0 : waited + 1;
        expect(waited).toBeLessThanOrEqual(2 * 9 * (members - 1));
      }
    }),
    { numRuns: 30 },
  );
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
