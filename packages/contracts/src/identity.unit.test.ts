import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { deriveId, newId } from './identity.ts';

describe('a derived identity', () => {
  // A command that is carried out again after years must name the same entity again.
  test.each([
    [[], 'e3b0c442-98fc-8c14-9afb-f4c8996fb924'],
    [['a'], 'ca978112-ca1b-8dca-bac2-31b39a23dc4d'],
    [['a', 'b'], '59b271ae-1bbc-81d3-9d41-929817f4b16f'],
    [['c0ffee00-1234-4abc-9def-0123456789ab', 'client'], 'e2e1671b-9005-87e2-812c-15a02cd8a986'],
  ])('of %j is for ever %s', (parts, id) => {
    expect(deriveId(...parts)).toBe(id);
  });

  test('is a UUID of version 8, for any parts', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        const id = deriveId(...parts);
        expect(z.uuid().safeParse(id).success).toBe(true);
        expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      }),
    );
  });

  test('tells apart how the same characters are divided', () => {
    expect(new Set([deriveId('ab'), deriveId('a', 'b'), deriveId('', 'ab'), deriveId('ab', '')]).size).toBe(
      4,
    );
  });
});

test('a new identity is a UUID and never the same', () => {
  const ids = Array.from({ length: 1_000 }, newId);
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(z.uuid().safeParse(id).success).toBe(true);
});
