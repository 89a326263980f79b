import { BATCH_SIZE } from '@herald/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchesFrom, totalsOf } from './batch-order.ts';

it('puts the first batches of all zones before the second ones', () => {
  const clients = [BATCH_SIZE + 1, 1, 2 * BATCH_SIZE];
  expect(totalsOf(clients)).toEqual({ messages: 3 * BATCH_SIZE + 2, batches: 5 });
  expect(batchesFrom(clients, 0, 9)).toEqual([
    { batch: 0, zone: 0, before: 0, size: BATCH_SIZE },
    { batch: 1, zone: 1, before: BATCH_SIZE, size: 1 },
    { batch: 2, zone: 2, before: BATCH_SIZE + 1, size: BATCH_SIZE },
    { batch: 3, zone: 0, before: 2 * BATCH_SIZE + 1, size: 1 },
    { batch: 4, zone: 2, before: 2 * BATCH_SIZE + 2, size: BATCH_SIZE },
  ]);
});

it('is the same order from whichever batch on', () => {
  const clients = fc.array(fc.nat(3_000), { maxLength: 8 });
  fc.assert(
    fc.property(clients, fc.nat(60), fc.nat(20), (counts, from, most) => {
      const all = batchesFrom(counts, 0, Number.POSITIVE_INFINITY);
      expect(all.length).toBe(totalsOf(counts).batches);
      expect(batchesFrom(counts, from, most)).toEqual(all.slice(from, from + most));
    }),
  );
});
