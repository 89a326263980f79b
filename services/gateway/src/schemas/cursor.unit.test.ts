import { mailingCursor } from '@herald/contracts';
import { z } from '@hono/zod-openapi';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cursorOf, encodeCursor } from './cursor.ts';

const cursor = { createdAt: '2026-01-31T09:00:00.000Z', id: '6f6fb0a5-1c1a-4b1e-9a63-5d2f2a9f4a11' };

test('a cursor comes back as it went out', () => {
  expect(cursorOf(mailingCursor).parse(encodeCursor(cursor))).toEqual(cursor);
  expect(cursorOf(z.int()).parse(encodeCursor(17))).toBe(17);
});

test('the last page has none', () => {
  expect(encodeCursor(null)).toBeNull();
});

test.each([
  ['no base64url', 'a b'],
  ['padding', `${encodeCursor(cursor)}==`],
  ['nothing', ''],
  ['no JSON', Buffer.from('{').toString('base64url')],
  ['the cursor of another list', encodeCursor(17) ?? ''],
  ['a cursor with a bad id', encodeCursor({ ...cursor, id: 'x' }) ?? ''],
  ['more than a cursor can be', 'A'.repeat(513)],
])('refuses %s', (_title, given) => {
  expect(cursorOf(mailingCursor).safeParse(given).success).toBe(false);
});

test('no text at all makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), (given) => {
      cursorOf(mailingCursor).safeParse(given);
    }),
  );
});
