import { expect, test } from 'vitest';
import { ImportPace } from './import-pace.ts';

test('no chunk begins while what was appended more than a second ago is not folded', () => {
  const pace = new ImportPace();
  expect(pace.mayBegin('one', 0, 10_000)).toBe(true);
  pace.appended(500, 10_100);
  expect(pace.mayBegin('one', 0, 10_300)).toBe(true);
  pace.appended(1_000, 10_400);
  expect(pace.mayBegin('one', 0, 11_100)).toBe(true);
  expect(pace.mayBegin('one', 499, 11_101)).toBe(false);
  expect(pace.mayBegin('one', 500, 11_101)).toBe(true);
  expect(pace.mayBegin('one', 999, 11_401)).toBe(false);
  expect(pace.mayBegin('one', 1_000, 11_401)).toBe(true);
});

test('one chunk begins every two seconds all the same', () => {
  const pace = new ImportPace();
  expect(pace.mayBegin('one', 0, 10_000)).toBe(true);
  pace.appended(500, 10_000);
  const begun = [];
  for (let now = 11_100; now < 18_000; now += 100) if (pace.mayBegin('one', 0, now)) begun.push(now);
  expect(begun).toEqual([12_000, 14_000, 16_000]);
});

test('imports side by side begin a chunk every two seconds each', () => {
  const pace = new ImportPace();
  pace.appended(500, 10_000);
  const begun: string[] = [];
  for (let now = 12_000; now < 16_000; now += 500) {
    for (const id of ['one', 'two', 'three']) if (pace.mayBegin(id, 0, now)) begun.push(`${id} at ${now}`);
  }
  expect(begun).toEqual(
    [12_000, 14_000].flatMap((at) => ['one', 'two', 'three'].map((id) => `${id} at ${at}`)),
  );
});

test('what a log has lost holds no import up for ever', () => {
  const pace = new ImportPace();
  pace.appended(500, 10_000);
  expect(pace.mayBegin('one', 400, 69_000)).toBe(true);
  expect(pace.mayBegin('one', 400, 69_999)).toBe(false);
  expect(pace.mayBegin('one', 400, 70_000)).toBe(true);
});
