import { expect, test } from 'vitest';
import { Allowance } from './allowance.ts';

test('gives out no more than there is', () => {
  const allowance = new Allowance(10);
  expect(allowance.take(6)).toBeDefined();
  expect(allowance.take(5)).toBeUndefined();
  expect(allowance.take(4)).toBeDefined();
  expect(allowance.used).toBe(10);
});

test('what is given back twice counts once', () => {
  const allowance = new Allowance(10);
  const giveBack = allowance.take(6);
  giveBack?.();
  giveBack?.();
  expect(allowance.used).toBe(0);
});
