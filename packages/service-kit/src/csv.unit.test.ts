import { expect, test } from 'vitest';
import { csvRow } from './csv.ts';

test.each([
  [['a', 1, ''], 'a,1,\r\n'],
  [['a,b', 'say "no"', 'two\nlines', 'a\rb'], '"a,b","say ""no""","two\nlines","a\rb"\r\n'],
  [[' blank', 'blank ', '\u00a0x'], '" blank","blank ","\u00a0x"\r\n'],
  [['=1+1', '+7', '-3', '@x', 'a;b', 'привет 🎉'], '=1+1,+7,-3,@x,a;b,привет 🎉\r\n'],
])('%j is written as RFC 4180 wants it', (fields, row) => {
  expect(csvRow(fields)).toBe(row);
});
