import { expect, test } from 'vitest';
import { moment } from './moment.ts';

test.each([
  ['2026-01-31T09:00:00+03:00', '2026-01-31T06:00:00.000Z'],
  ['2026-01-31T09:00:00-0530', '2026-01-31T14:30:00.000Z'],
  ['2026-01-31T09:00Z', '2026-01-31T09:00:00.000Z'],
  ['2024-02-29T00:00:00.1Z', '2024-02-29T00:00:00.100Z'],
  ['2026-01-31T09:00:00.123999Z', '2026-01-31T09:00:00.123Z'],
  ['2100-12-31T23:59:59.999Z', '2100-12-31T23:59:59.999Z'],
])('takes %s as %s', (given, normal) => {
  expect(moment.parse(given)).toBe(normal);
});

test.each([
  ['2026-02-30T00:00:00Z', 'a day that no calendar has'],
  ['2025-02-29T00:00:00Z', 'a leap day of a common year'],
  ['2026-13-01T00:00:00Z', 'a thirteenth month'],
  ['2026-00-10T00:00:00Z', 'a month zero'],
  ['2026-01-31T24:00:00Z', 'an hour 24'],
  ['2026-01-31T09:00:60Z', 'a leap second'],
  ['2026-01-31T09:00:00', 'no offset'],
  ['2026-01-31T09:00:00+03', 'half an offset'],
  ['2026-01-31', 'no time'],
  ['1999-12-31T23:59:59Z', 'a year before 2000'],
  ['2000-01-01T00:00:00+01:00', 'a year before 2000 in UTC'],
  ['2101-01-01T00:00:00Z', 'a year after 2100'],
  ['2026-01-31T09:00:00Z\n', 'a line break behind'],
  ['', 'nothing'],
])('refuses %j: %s', (given) => {
  expect(moment.safeParse(given).success).toBe(false);
});
