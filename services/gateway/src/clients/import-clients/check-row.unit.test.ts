import { expect, test } from 'vitest';
import { checkRow } from './check-row.ts';
import { NdjsonReader } from './ndjson-reader.ts';

test('a good line becomes a row with its number', () => {
  expect(checkRow({ line: 7, value: { phone: '79161234567', timezone: 'UTC', tag: 'a' } })).toEqual({
    row: { line: 7, phone: '79161234567', timezone: 'UTC', tag: 'a' },
  });
});

test.each([
  [{ phone: '7916', timezone: 'UTC' }, 'phone: must be 7 followed by ten digits'],
  [{ timezone: 'UTC' }, 'phone: is missing'],
  [
    { phone: '79161234567', timezone: 'Mars' },
    'timezone: must be an IANA time zone or an offset like +03:00',
  ],
  [{ phone: '79161234567', timezone: 'UTC', colour: 'red' }, 'colour: is not known here'],
  [{ phone: '79161234567', timezone: 'UTC', line: 3 }, 'line: is not known here'],
  [
    { phone: '7', timezone: 'UTC', tag: 'a\nb' },
    'phone: must be 7 followed by ten digits; tag: must not hold control characters',
  ],
])('%j is rejected: %s', (value, message) => {
  expect(checkRow({ line: 7, value })).toEqual({ error: { line: 7, message } });
});

test('NDJSON: a value a line, empty lines count for nothing, broken ones stop nothing', () => {
  const reader = new NdjsonReader();
  const lines = ['{"a":1}', '', '{"a":', '[]', '  '].map((text, index) => ({ line: index + 1, text }));
  expect([...reader.read(lines), ...reader.end()]).toEqual([
    { line: 1, value: { a: 1 }, text: '{"a":1}' },
    { line: 3, fault: 'is not JSON', text: '{"a":' },
    { line: 4, value: [], text: '[]' },
  ]);
});

test('NDJSON of blank lines alone is nothing to import', () => {
  const reader = new NdjsonReader();
  reader.read([{ line: 1, text: ' ' }]);
  expect(() => reader.end()).toThrow('import-empty');
});
