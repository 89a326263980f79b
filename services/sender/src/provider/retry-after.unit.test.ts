import { expect, test } from 'vitest';
import { pauseMs, retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const wait = (retryAfter: string | null, date: string | null = null): number | null =>
  retryAfterMs({ retryAfter, date }, NOW, HOUR);

test.for([
  ['3', 3_000],
  [' 3 ', 3_000],
  ['007', 7_000],
  ['90', 90_000],
  ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
  ['Thursday, 01-Jan-26 00:00:05 GMT', 5_000],
  ['Thu Jan  1 00:00:05 2026', 5_000],
] as const)('Retry-After %s means %i ms', ([header, milliseconds]) => {
  expect(wait(header)).toBe(milliseconds);
});

test.for([
  ['0', 100],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 100],
  ['86400', HOUR],
  ['9'.repeat(400), HOUR],
  ['Thu, 01 Jan 2026 09:00:00 GMT', HOUR],
  ['Fri, 31 Dec 9999 23:59:59 GMT', HOUR],
] as const)('Retry-After %s is brought into bounds: %i ms', ([header, milliseconds]) => {
  expect(wait(header)).toBe(milliseconds);
});

test.for([
  null,
  '',
  'soon',
  '-5',
  '1.5',
  '1e3',
  '0x10',
  '2026-01-01T00:00:05Z',
  'Thu, 41 Jan 2026 00:00:05 GMT',
  '5, 7',
])('Retry-After %s says nothing', (header) => {
  expect(wait(header)).toBeNull();
});

test('a date is counted from when the provider says it answered, however wrong its clock is', () => {
  const hourLate = 'Wed, 31 Dec 2025 23:00:00 GMT';
  expect(wait('Wed, 31 Dec 2025 23:00:05 GMT', hourLate)).toBe(5_000);
  expect(wait('Thu, 01 Jan 2026 00:00:05 GMT', 'nonsense')).toBe(5_000);
});

test('who asks for a pause without saying how long gets a second', () => {
  expect(pauseMs({ retryAfter: null, date: null }, NOW, HOUR)).toBe(1_000);
  expect(pauseMs({ retryAfter: '3', date: null }, NOW, HOUR)).toBe(3_000);
});

test('the form without a zone means GMT, wherever this machine stands', () => {
  const zone = process.env.TZ;
  process.env.TZ = 'Asia/Tokyo';
  try {
    expect(wait('Thu Jan  1 00:00:05 2026')).toBe(5_000);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
