import { expect, test } from 'vitest';
import { measureRate } from './rate.ts';

test('nobody can tell a rate before two moments were seen', () => {
  const rate = measureRate();
  expect(rate.perSecond()).toBeNull();
  rate.see(10, 0);
  expect(rate.perSecond()).toBeNull();
});

test('it follows the last ten seconds, and forgets what was before', () => {
  const rate = measureRate();
  for (let second = 0; second <= 20; second += 1) rate.see(second * 100, second * 1_000);
  expect(rate.perSecond()).toBe(100);
  for (let second = 21; second <= 31; second += 1) rate.see(2_000, second * 1_000);
  expect(rate.perSecond()).toBe(0);
});

test('what goes back, as after a restart, is measured anew', () => {
  const rate = measureRate();
  rate.see(100, 0);
  rate.see(0, 1_000);
  expect(rate.perSecond()).toBeNull();
  rate.see(50, 2_000);
  expect(rate.perSecond()).toBe(50);
});

test('what a buffer takes at once says nothing', () => {
  const rate = measureRate();
  rate.see(0, 0);
  rate.see(100_000, 100);
  expect(rate.perSecond()).toBeNull();
});
