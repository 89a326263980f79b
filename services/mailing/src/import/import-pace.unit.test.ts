import { expect, test } from 'vitest';
import { ImportPace } from './import-pace.ts';

test('no chunk begins while what was appended more than a second ago is not folded', () => {
  const pace = new ImportPace();
  expect(pace.mayBegin(0, 10_000)).toBe(true);
  pace.appended(500, 10_100);
  expect(pace.mayBegin(0, 10_300)).toBe(true);
  pace.appended(1_000, 10_400);
  expect(pace.mayBegin(0, 11_100)).toBe(true);
  expect(pace.mayBegin(499, 11_101)).toBe(false);
  expect(pace.mayBegin(500, 11_101)).toBe(true);
  expect(pace.mayBegin(999, 11_401)).toBe(false);
  expect(pace.mayBegin(1_000, 11_401)).toBe(true);
});

test('one chunk begins every two seconds all the same', () => {
  const pace = new ImportPace();
  expect(pace.mayBegin(0, 10_000)).toBe(true);
  pace.appended(500, 10_000);
  const begun = [];
  for (let now = 11_100; now < 18_000; now += 100) if (pace.mayBegin(0, now)) begun.push(now);
  expect(begun).toEqual([12_000, 14_000, 16_000]);
});

test('what a log has lost holds no import up for ever', () => {
  const pace = new ImportPace();
  pace.appended(500, 10_000);
  expect(pace.mayBegin(400, 69_000)).toBe(true);
  expect(pace.mayBegin(400, 69_999)).toBe(false);
  expect(pace.mayBegin(400, 70_000)).toBe(true);
});
