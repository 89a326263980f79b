import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLabel, trimBlanks } from './label.ts';

const labelOf = (given: string): string | null => {
  const reading = readLabel(given);
  return reading.kind === 'label' ? reading.label : null;
};

test.each([
  ['', ''],
  ['vip', 'vip'],
  [' vip', 'vip'],
  ['vip\u00a0\t ', 'vip'],
  ['\u3000very  important\u2003', 'very  important'],
  ['Cafe\u0301', 'Caf\u00e9'],
  ['и\u0306', 'й'],
  ['👨‍👩‍👧 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👨‍👩‍👧 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
])('%j is the label %j', (given, label) => {
  expect(labelOf(given)).toBe(label);
});

test.each([
  ['blanks alone', ' \u00a0\t', 'blanks'],
  ['a line break', 'a\nb', 'control'],
  ['a line break behind it', 'a\n', 'control'],
  ['a tabulator inside', 'a\tb', 'control'],
  ['NUL', '\u0000', 'control'],
  ['a C1 control character', 'a\u0085b', 'control'],
  ['a line separator', 'a\u2028b', 'control'],
  ['a zero-width space', 'v\u200bip', 'invisible'],
  ['a zero-width joiner between letters', 'v\u200dip', 'invisible'],
  ['a word joiner', 'vip\u2060', 'invisible'],
  ['a byte order mark', '\ufeffvip', 'invisible'],
  ['a soft hyphen', 'v\u00adip', 'invisible'],
  ['another direction', '\u202epiv', 'invisible'],
  ['an isolate', '\u2066vip\u2069', 'invisible'],
  ['a Hangul filler', '\u3164', 'invisible'],
  ['a lone surrogate', '\ud800', 'half'],
])('%s is no label', (_title, given, fault) => {
  expect(readLabel(given)).toEqual({ kind: 'faulty', fault: expect.stringContaining(fault) });
});

/** Any code point, and often those that a label is changed or refused for. */
const LETTERS = fc.oneof(
  fc.constantFrom(
    ' ',
    '\u00a0',
    '\t',
    '\n',
    'e',
    '\u0301',
    '\u0323',
    '\u1100',
    '\u1161',
    '\u200d',
    '❤',
    '\ufe0f',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);

test('a label is read as itself, has no blanks around it and is NFC', () => {
  fc.assert(
    fc.property(fc.string({ unit: LETTERS }), (given) => {
      const label = labelOf(given);
      if (label === null) return;
      expect(labelOf(label)).toBe(label);
      expect(label).toBe(label.trim());
      expect(label.normalize('NFC')).toBe(label);
    }),
    { numRuns: 300 },
  );
}, 30_000);

test('what is written in another normal form or with blanks around is the same label', () => {
  const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\u00a0', '\u202f', '\u3000'), maxLength: 4 });
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), blanks, blanks, (given, before, after) => {
      const label = labelOf(given);
      if (label === null || label === '') return;
      expect(labelOf(`${before}${given.normalize('NFD')}${after}`)).toBe(label);
    }),
    { numRuns: 500 },
  );
}, 30_000);

test('trimming takes blanks and no line breaks', () => {
  expect(trimBlanks(' \u00a079161234567\t')).toBe('79161234567');
  expect(trimBlanks(' 7\n ')).toBe('7\n');
  expect(trimBlanks('  ')).toBe('');
});
