import { expect, test } from 'vitest';
import { watchForStall } from './stall.ts';

test('counts the time since the last change, not since the beginning', () => {
  const watch = watchForStall(0);
  watch.see({ sent: 1 }, 1_000);
  watch.see({ sent: 1 }, 31_000);
  expect(watch.stillMs(31_000)).toBe(30_000);
  watch.see({ sent: 2 }, 50_000);
  expect(watch.stillMs(50_000)).toBe(0);
  expect(watch.stillMs(110_000)).toBe(60_000);
});

test('what never answers stands still from the beginning', () => {
  expect(watchForStall(1_000).stillMs(61_000)).toBe(60_000);
});
