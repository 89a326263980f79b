import { expect, test } from 'vitest';
import { readClientReference, readId, readLimit, readMoment } from './arguments.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');

test.each([
  ['now', '2026-11-23T10:00:00.000Z'],
  ['+90m', '2026-11-23T11:30:00.000Z'],
  ['+2h', '2026-11-23T12:00:00.000Z'],
  ['-3d', '2026-11-20T10:00:00.000Z'],
  ['+30s', '2026-11-23T10:00:30.000Z'],
  // Herald judges these.
  ['2026-12-01T09:00:00+03:00', '2026-12-01T09:00:00+03:00'],
  ['2026-13-01T09:00', '2026-13-01T09:00'],
])('%s is %s', (typed, moment) => {
  expect(readMoment(typed, NOW)).toBe(moment);
});

test.each(['tomorrow', '', '2h', '+2', '+h', '09:00'])('%j is no moment', (typed) => {
  expect(() => readMoment(typed, NOW)).toThrow(/now, a distance/);
});

test('a client is named by its id or by its phone', () => {
  expect(readClientReference('70B97D61-19AB-4EF0-A700-DE9FCC78D4EC')).toEqual({
    id: '70b97d61-19ab-4ef0-a700-de9fcc78d4ec',
  });
  expect(readClientReference('+79161234567')).toEqual({ phone: '79161234567' });
  expect(() => readClientReference('89161234567')).toThrow(/id \(a UUID\) or phone/);
});

test('ids and counts are checked', () => {
  expect(() => readId('17')).toThrow(/UUID/);
  expect(readLimit('1000')).toBe(1_000);
  for (const typed of ['0', '1001', '-1', '1.5', 'many']) expect(() => readLimit(typed)).toThrow(/must be/);
});
