import { expect, test } from 'vitest';
import { ImportPace } from './import-pace.ts';

test('an import is too fast while what it appended more than a second ago is not folded', () => {
  const pace = new ImportPace();
  expect(pace.isTooFast(0, 0)).toBe(false);
  pace.appended(500, 10_000);
  pace.appended(1_000, 10_400);
  expect(pace.isTooFast(0, 11_000)).toBe(false);
  expect(pace.isTooFast(499, 11_001)).toBe(true);
  expect(pace.isTooFast(500, 11_001)).toBe(false);
  expect(pace.isTooFast(999, 11_401)).toBe(true);
  expect(pace.isTooFast(1_000, 20_000)).toBe(false);
});

test('what a log has lost holds no import up for ever', () => {
  const pace = new ImportPace();
  pace.appended(500, 10_000);
  expect(pace.isTooFast(400, 69_999)).toBe(true);
  expect(pace.isTooFast(400, 70_000)).toBe(false);
});
