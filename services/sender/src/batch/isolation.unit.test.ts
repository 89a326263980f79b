import { expect, test } from 'vitest';
import { isolated, reasonOf } from './isolation.ts';

test('what breaks is a value with its reason and its place', () => {
  const broken = isolated(() => {
    throw new RangeError('no such zone: Mars/Phobos');
  });
  expect(broken).toEqual({
    ok: false,
    reason: expect.stringMatching(
      /^RangeError: no such zone: Mars\/Phobos \(isolation\.unit\.test\.ts:\d+\)$/,
    ),
  });
  expect(isolated(() => 1)).toEqual({ ok: true, value: 1 });
});

test('a reason is one bounded line without a phone in it', () => {
  const reason = reasonOf(new Error(`bad phone 79161234567\n\u0000 of ${'x'.repeat(10_000)}`));
  expect(reason).toMatch(/^Error: bad phone \*{5} of x+… \(isolation\.unit\.test\.ts:\d+\)$/);
  expect(reason).toHaveLength(160);
});

test('a phone is masked however it is written', () => {
  const reason = reasonOf(new Error('bad phone +7 (916) 123-45-67'));
  expect(reason).toMatch(/^Error: bad phone \+\*{5} \(isolation\.unit\.test\.ts:\d+\)$/);
});

test.each([undefined, null, 'text with 79161234567', { message: 'none' }])(
  'what is no error has a reason: %s',
  (thrown) => {
    expect(reasonOf(thrown)).toBe(`no error but ${typeof thrown}`);
  },
);
