import { expect, test } from 'vitest';
import { HeldCalls } from './held-calls.ts';

test('a call begins from its moment on, in order', () => {
  const held = new HeldCalls(30);
  held.add([100, 110]);
  expect([held.isDue(99), held.isDue(100), held.count, held.next, held.last]).toEqual([
    false,
    true,
    2,
    100,
    110,
  ]);
  held.begin();
  expect([held.isDue(105), held.isDue(110), held.count]).toEqual([false, true, 1]);
  held.add([120]);
  expect([held.next, held.last]).toEqual([110, 120]);
});

test('a process that slept past the grace finds none of what it held', () => {
  const held = new HeldCalls(30);
  held.add([100, 110, 120, 5_000]);
  expect(held.isDue(4_000)).toBe(false);
  expect([held.count, held.takeExpired(), held.takeExpired()]).toEqual([1, 3, 0]);
});

test('up to the grace a late call may still begin', () => {
  const held = new HeldCalls(30);
  held.add([100]);
  expect(held.isDue(130)).toBe(true);
  expect(held.isDue(130.1)).toBe(false);
  expect([held.next, held.last]).toEqual([null, null]);
});
