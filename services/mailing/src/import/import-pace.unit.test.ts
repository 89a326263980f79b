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

test('eight chunks are inside at a time, and the first one of an import always has room', () => {
  const pace = new ImportPace();
  for (let chunk = 0; chunk < 8; chunk += 1) {
    expect(pace.hasRoom('one')).toBe(true);
    pace.mayBegin('one', 0, 10_000);
  }
  expect(pace.hasRoom('one')).toBe(false);
  expect(pace.hasRoom('two')).toBe(true);
  pace.mayBegin('two', 0, 10_000);
  expect(pace.hasRoom('two')).toBe(false);
  pace.ended('one');
  expect(pace.hasRoom('one')).toBe(false);
  pace.ended('one');
  expect(pace.hasRoom('one')).toBe(true);
});

test('chunks that find no room come again one after another, within ten seconds', () => {
  const pace = new ImportPace();
  expect([1, 2, 3].map(() => pace.comesAgainAfter(10_000))).toEqual([500, 520, 540]);
  expect(pace.comesAgainAfter(10_400)).toBe(500);
  const delays = Array.from({ length: 1_000 }, () => pace.comesAgainAfter(20_000));
  expect(Math.max(...delays)).toBe(10_000);
});

test('what a log has lost holds no import up for ever', () => {
  const pace = new ImportPace();
  pace.appended(500, 10_000);
  expect(pace.mayBegin('one', 400, 69_000)).toBe(true);
  expect(pace.mayBegin('one', 400, 69_999)).toBe(false);
  expect(pace.mayBegin('one', 400, 70_000)).toBe(true);
});
