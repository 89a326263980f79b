import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PARTITIONS, partitionOf } from './partition.ts';
import { eventSubjects } from './subjects.ts';

describe('the partition of a key', () => {
  // What is in a log stays where it is: these numbers hold for ever, whatever the function comes to look like.
  test.each([
    ['', 5],
    ['a', 12],
    ['foobar', 8],
    ['00000000-0000-4000-8000-000000000000', 5],
    ['00000000-0000-4000-8000-000000000000.0', 3],
    ['00000000-0000-4000-8000-000000000000.1', 0],
    ['c0ffee00-1234-4abc-9def-0123456789ab', 2],
  ])('of %j is %i', (key, partition) => {
    expect(partitionOf(key)).toBe(partition);
  });

  test('is a whole number below sixteen, for any key', () => {
    expect(PARTITIONS).toBe(16);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const partition = partitionOf(key);
        expect(Number.isInteger(partition) && partition >= 0 && partition < PARTITIONS).toBe(true);
      }),
    );
  });

  const counts = (keys: Iterable<string>): number[] => {
    const found = new Array<number>(PARTITIONS).fill(0);
    for (const key of keys) found[partitionOf(key)] = (found[partitionOf(key)] ?? 0) + 1;
    return found;
  };

  test('spreads ids evenly', () => {
    const spread = counts(Array.from({ length: 16_000 }, () => randomUUID()));
    // 1000 each, standard deviation 31: six of them are out of any honest run's reach.
    expect(Math.min(...spread)).toBeGreaterThan(800);
    expect(Math.max(...spread)).toBeLessThan(1_200);
  });

  test('spreads the batches of a single mailing evenly', () => {
    const mailing = 'c0ffee00-1234-4abc-9def-0123456789ab';
    const spread = counts(Array.from({ length: 4_000 }, (_, batch) => `${mailing}.${batch}`));
    expect(Math.min(...spread)).toBeGreaterThan(170);
    expect(Math.max(...spread)).toBeLessThan(330);
  });
});

describe('where events stand', () => {
  const id = 'c0ffee00-1234-4abc-9def-0123456789ab';

  test('is one subject for each aggregate, named for ever', () => {
    expect(eventSubjects.client(id)).toBe(`events.2.entity.client.${id}`);
    expect(eventSubjects.mailing(id)).toBe(`events.2.entity.mailing.${id}`);
    expect(eventSubjects.batch(id, 7)).toBe(`events.${partitionOf(`${id}.7`)}.entity.batch.${id}.7`);
    expect(eventSubjects.queued(id, 7)).toBe(`events.${partitionOf(`${id}.7`)}.message.${id}.7.queued`);
    expect(eventSubjects.outcome(id, 7)).toBe(`events.${partitionOf(`${id}.7`)}.message.${id}.7.outcome`);
  });

  test('is one partition for all that concerns a batch, so that one lane meets it in order', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(100_000), (mailing, batch) => {
        const subjects = [eventSubjects.batch, eventSubjects.queued, eventSubjects.outcome];
        const partitions = subjects.map((subject) => subject(mailing, batch).split('.')[1]);
        expect(new Set(partitions).size).toBe(1);
      }),
    );
  });
});
