import { expect, test } from 'vitest';
import { rejectedLineOf } from './rejected-line.ts';

const reason = 'is bad';

test('a line of attributes is told by them, numbers too', () => {
  const value = { phone: 79161234567, timezone: 'Mars', tag: ' a ' };
  expect(rejectedLineOf({ line: 3, value, text: '{…}' }, reason)).toEqual({
    line: 3,
    reason,
    phone: '79161234567',
    timezone: 'Mars',
    tag: ' a ',
  });
});

test.each<[string, unknown]>([
  ['an unknown attribute', { phone: '79161234567', timezone: 'UTC', name: 'x' }],
  ['a value that is no text', { phone: '79161234567', timezone: 'UTC', tag: null }],
  ['an object in a value', { phone: '79161234567', timezone: 'UTC', tag: { a: 1 } }],
  ['a list', ['79161234567', 'UTC']],
  ['a text', '79161234567'],
  ['nothing', null],
])('with %s it is told as it stood, and by no attribute', (_title, value) => {
  const text = JSON.stringify(value);
  expect(rejectedLineOf({ line: 3, value, text }, reason)).toEqual({ line: 3, reason, original: text });
});

test('what could not be read is told as it stood', () => {
  const record = { line: 3, fault: reason, text: '79161234567,"a' };
  expect(rejectedLineOf(record, reason)).toEqual({ line: 3, reason, original: '79161234567,"a' });
});

test('the original of a line that was mended and is still bad stays beside its attributes', () => {
  const record = { line: 3, value: { phone: '1', timezone: 'UTC' }, original: '1;UTC' };
  expect(rejectedLineOf(record, reason)).toMatchObject({ phone: '1', original: '1;UTC' });
});

test('what is longer than any value is cut, and every text is well-formed', () => {
  const long = rejectedLineOf({ line: 3, value: { tag: '🎉'.repeat(2_000) } }, reason);
  expect(long.tag).toBe(`${'🎉'.repeat(500)}…`);
  expect(rejectedLineOf({ line: 3, value: { tag: 'a\ud800' } }, reason).tag).toBe('a\ufffd');
  const line = { line: 3, fault: reason, text: 'x'.repeat(5_000) };
  expect(rejectedLineOf(line, reason).original).toBe(`${'x'.repeat(4_000)}…`);
});
