import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function deadline(inMs: number) {
  const expired: number[] = [];
  const endBy = performance.now() + inMs;
  return { endBy, expired, expire: () => expired.push(performance.now() - endBy) };
}

test('a deadline expires once, a tick late at most', () => {
  const deadlines = new Deadlines();
  const one = deadline(50);
  deadlines.add(one);
  vi.advanceTimersByTime(49);
  expect(one.expired).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(one.expired).toHaveLength(1);
  expect(one.expired[0]).toBeLessThanOrEqual(20);
});

test('what is over in time does not expire', () => {
  const deadlines = new Deadlines();
  const one = deadline(50);
  deadlines.add(one);
  deadlines.remove(one);
  vi.advanceTimersByTime(1_000);
  expect(one.expired).toEqual([]);
});

test('without a deadline no timer runs, and a later one is met all the same', () => {
  const deadlines = new Deadlines();
  const one = deadline(30);
  deadlines.add(one);
  vi.advanceTimersByTime(100);
  expect(vi.getTimerCount()).toBe(0);
  const two = deadline(30);
  deadlines.add(two);
  vi.advanceTimersByTime(100);
  expect(two.expired).toHaveLength(1);
});

test('after the close nothing expires any more', () => {
  const deadlines = new Deadlines();
  const one = deadline(30);
  deadlines.add(one);
  deadlines.close();
  vi.advanceTimersByTime(100);
  expect([one.expired, vi.getTimerCount()]).toEqual([[], 0]);
});
