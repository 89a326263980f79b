import { expect, test } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

const asked = { method: 'POST', path: '/api/v1/clients', body: { phone: '79161234567', tag: 'a' } };

test('the order of keys does not matter', () => {
  expect(fingerprintOf({ body: { tag: 'a', phone: '79161234567' }, path: asked.path, method: 'POST' })).toBe(
    fingerprintOf(asked),
  );
});

test('what is absent and what is undefined are the same', () => {
  expect(fingerprintOf({ ...asked, ifMatch: undefined })).toBe(fingerprintOf(asked));
});

test.each([
  ['another method', { ...asked, method: 'PATCH' }],
  ['another path', { ...asked, path: '/api/v1/mailings' }],
  ['a condition', { ...asked, ifMatch: 1 }],
  ['another value', { ...asked, body: { ...asked.body, tag: 'b' } }],
  ['a null', { ...asked, body: { ...asked.body, tag: null } }],
  ['one key more', { ...asked, body: { ...asked.body, timezone: 'UTC' } }],
])('%s makes another fingerprint', (_title, other) => {
  expect(fingerprintOf(other)).not.toBe(fingerprintOf(asked));
});

test('the order of a list matters', () => {
  expect(fingerprintOf({ body: [1, 2] })).not.toBe(fingerprintOf({ body: [2, 1] }));
});
