import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readProtocolBody, sayWords } from './provider-words.ts';

test.for([
  ['{"code":0,"message":"OK"}', { code: 0, message: 'OK' }],
  ['{"code":5,"message":"invalid number","more":true}', { code: 5, message: 'invalid number' }],
  ['\n {"code":-1}', { code: -1, message: undefined }],
  ['{"code":5.0,"message":null}', { code: 5, message: null }],
  ['{"code":5.5,"message":"x"}', null],
  ['{"code":1e400,"message":"x"}', null],
  ['{"code":"5","message":"x"}', null],
  ['{"code":null,"message":"x"}', null],
  ['{"message":"x"}', null],
  ['[5]', null],
  ['null', null],
  ['5', null],
  ['', null],
  ['{"code":5', null],
] as const)('%s is read as it is meant', ([text, body]) => {
  expect(readProtocolBody(text)).toEqual(body);
});

test.for([
  ['invalid number', 'code 5: invalid number'],
  ['', 'code 5'],
  [undefined, 'code 5'],
  [17, 'code 5'],
  ['79161234567 is blocked', 'code 5: ***** is blocked'],
  ['+7 (916) 123-45-67 is blocked', 'code 5: +***** is blocked'],
  ['7\u0000916\u200b1234567', 'code 5: *****'],
  ['٧٩١٦١٢٣', 'code 5: *****'],
  ['1234 of 9999 are used', 'code 5: 1234 of 9999 are used'],
  ['two\r\nlines\tand\u2028one', 'code 5: two lines and one'],
  ['\u001b[31mred\u202e', 'code 5: [31mred'],
] as const)('%j is said as %j', ([message, words]) => {
  expect(sayWords({ code: 5, message })).toBe(words);
});

test('what is long is cut, and no character in two', () => {
  expect(sayWords({ code: 5, message: 'a'.repeat(70_000) })).toBe(`code 5: ${'a'.repeat(191)}…`);
  expect(sayWords({ code: 5, message: `${'a'.repeat(190)}😀😀` }).isWellFormed()).toBe(true);
});

test('whatever a provider says becomes one short line without phones', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 400 });
  fc.assert(
    fc.property(fc.maxSafeInteger(), anything, (code, message) => {
      const words = sayWords({ code, message });
      expect(words.length).toBeLessThanOrEqual(200);
      expect(words).not.toMatch(/\p{Nd}{5}|[\p{Cc}\p{Cf}\p{Cs}]/u);
      expect(words.isWellFormed()).toBe(true);
    }),
  );
});

test('a phone is found wherever it stands', () => {
  const around = fc.stringMatching(/^[^0-9]{0,40}$/);
  fc.assert(
    fc.property(around, fc.stringMatching(/^\d{5,20}$/), around, (before, phone, behind) => {
      expect(sayWords({ code: 5, message: before + phone + behind })).not.toContain(phone);
    }),
  );
});
