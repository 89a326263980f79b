import { expect, test } from 'vitest';
import { TriedBatches } from './tried-batches.ts';

test('a batch that was tried comes behind every other one, and has the next try where there is none', () => {
  const tried = new TriedBatches();
  expect([1, 1, 1].map((sequence) => tried.mayTry(sequence))).toEqual([true, false, true]);
  expect([1, 2].map((sequence) => tried.mayTry(sequence))).toEqual([false, true]);
  expect([1, 2, 3].map((sequence) => tried.mayTry(sequence))).toEqual([false, false, true]);
  expect([1, 2, 3, 2].map((sequence) => tried.mayTry(sequence))).toEqual([false, false, false, true]);
});

test('when the token was right in between every batch may be tried', () => {
  const tried = new TriedBatches();
  tried.mayTry(1);
  tried.forget();
  expect(tried.mayTry(1)).toBe(true);
});
