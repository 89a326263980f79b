import { expect, test } from 'vitest';
import { importNote } from './import-note.ts';

const errors = Array.from({ length: 100 }, (_, index) => ({ line: index + 2, message: 'é'.repeat(300) }));
const order = { onDuplicate: 'reject', dryRun: false, startedAt: '2026-01-31T09:00:00.000Z' } as const;
const share = { received: 200, rejected: 120, errors };

test('the note of an import whose result was answered counts and names no errors', () => {
  expect(importNote(order, share, 1, true)).toEqual({
    kind: 'import',
    order,
    chunks: 1,
    received: 200,
    rejected: 120,
    errors: [],
  });
});

test('the note of an import that was only accepted keeps the first errors, as many as fit into 4 KiB', () => {
  const note = importNote(order, share, 3, false);
  expect(note).toMatchObject({ chunks: 3, received: 200, rejected: 120 });
  expect(note.errors).toEqual(errors.slice(0, 6));
  expect(Buffer.byteLength(JSON.stringify(note.errors))).toBeLessThanOrEqual(4 * 1_024);
});

test('all errors are kept where they are few', () => {
  const few = errors.slice(0, 2);
  expect(importNote(order, { ...share, errors: few }, 1, false).errors).toEqual(few);
});
