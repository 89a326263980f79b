import { expect, test } from 'vitest';
import { IANA_NAMES } from '../test/iana-names.ts';
import { canonicalTimezone } from './timezone.ts';

/** What ICU takes beside IANA's names: some are taken for a place that nobody means. */
const ICU_SHORT_NAMES =
  'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST';

test.each([
  ['europe/moscow', 'Europe/Moscow'],
  ['EUROPE/MOSCOW', 'Europe/Moscow'],
  ['america/port-au-prince', 'America/Port-au-Prince'],
  ['antarctica/dumontdurville', 'Antarctica/DumontDUrville'],
  ['utc', 'UTC'],
  ['etc/gmt+5', 'Etc/GMT+5'],
  ['systemv/est5', 'SystemV/EST5'],
])('%s is written as %s', (given, written) => {
  expect(canonicalTimezone(given)).toBe(written);
});

test.each(['Asia/Kolkata', 'Asia/Calcutta', 'Europe/Kyiv', 'Europe/Kiev', 'GMT', 'Etc/UTC', 'EST', 'W-SU'])(
  'the link %s stays what it is',
  (name) => {
    expect(canonicalTimezone(name)).toBe(name);
  },
);

test.each([
  ['+03:00', '+03:00'],
  ['+0300', '+03:00'],
  ['+03', '+03:00'],
  ['-0530', '-05:30'],
  ['\u221205:30', '-05:30'],
  ['\u22120530', '-05:30'],
  ['-00:00', '+00:00'],
  ['\u221200', '+00:00'],
  ['+23:59', '+23:59'],
])('the offset %s is written as %s', (given, written) => {
  expect(canonicalTimezone(given)).toBe(written);
});

test.each([
  ...['', 'Mars/Olympus', 'Moscow', 'Factory', 'Etc/Unknown', 'Z', ' UTC', 'UTC ', 'Europe/Moscow\n'],
  ...['+24:00', '+03:60', '+03:00:00', '3', '+3', '+3:00', '03:00', '+030', '±03:00', 'UTC+3', 'GMT+3'],
  // Temporal takes the zone of a whole moment, and Unicode's capitals of other letters are ASCII.
  ...['2020-01-01T00:00Z', '2020-01-01T00:00[Europe/Moscow]', 'a\u017fia/tokyo', 'x'.repeat(65)],
  ...['__proto__', 'constructor', '/', 'Europe/', 'Europe//Moscow'],
])('%j is none', (given) => {
  expect(canonicalTimezone(given)).toBeNull();
});

test('the short names that only ICU knows are none, in whatever letters', () => {
  for (const name of ICU_SHORT_NAMES.split(' ')) {
    expect(canonicalTimezone(name), name).toBeNull();
    expect(canonicalTimezone(name.toLowerCase()), name).toBeNull();
  }
});

test('every name of IANA is one, in whatever letters, and is written as IANA does', () => {
  for (const name of IANA_NAMES) {
    expect(canonicalTimezone(name)).toBe(name);
    expect(canonicalTimezone(name.toLowerCase())).toBe(name);
    expect(canonicalTimezone(name.toUpperCase())).toBe(name);
  }
});

test('every name that the runtime lists is one, and stays what it is', () => {
  for (const name of Intl.supportedValuesOf('timeZone')) expect(canonicalTimezone(name)).toBe(name);
});

test('what is written is read as itself', () => {
  for (const name of [...IANA_NAMES, 'europe/moscow', '-0530', '\u221203']) {
    const written = canonicalTimezone(name) ?? '';
    expect(canonicalTimezone(written)).toBe(written);
  }
});
