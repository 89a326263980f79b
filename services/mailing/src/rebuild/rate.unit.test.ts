import { expect, test } from 'vitest';
import { Rate } from './rate.ts';

test('is not known before the second sample', () => {
  const rate = new Rate();
  expect(rate.sample(5, 1_000)).toBeNull();
  expect(rate.sample(5, 1_000)).toBeNull();
  expect(rate.sample(1_005, 2_000)).toBe(1_000);
});

test('is that of the last samples only', () => {
  const rate = new Rate();
  for (let second = 0; second < 10; second += 1) rate.sample(second * 1_000, second * 1_000);
  for (let second = 10; second < 18; second += 1) rate.sample(9_000, second * 1_000);
  expect(rate.sample(9_000, 18_000)).toBe(0);
  expect(rate.sample(9_450, 19_000)).toBe(50);
});
