import { expect, test } from 'vitest';
import { cutText, formatBytes, formatCount, formatDuration, formatMoment, oneLine } from './text.ts';

test('a text of somebody else steers no terminal', () => {
  expect(oneLine('a\u001b[31mb\r\nc\u0007\u202ed\u2028e')).toBe('a [31mb c d e');
});

test('a text is cut by characters, not by their halves', () => {
  expect(cutText('Привет 😀😀', 8)).toBe('Привет …');
  expect(cutText('Привет 😀', 8)).toBe('Привет 😀');
});

test.each([
  [0, '0 s'],
  [1, '1 s'],
  [59_001, '1 min 0 s'],
  [61_000, '1 min 1 s'],
  [3_720_000, '1 h 2 min'],
  [172_800_000, '2 d 0 h'],
])('%i ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('counts, bytes and moments are written the same on every machine', () => {
  expect(formatCount(1_234_567)).toBe('1 234 567');
  expect(formatBytes(999)).toBe('999 B');
  expect(formatBytes(1_500_000)).toBe('1.5 MB');
  expect(formatMoment('2026-11-23T11:28:33.981Z')).toBe('2026-11-23 11:28:33Z');
  expect(formatMoment(null)).toBe('–');
});
