import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SharedByKey } from './shared-by-key.ts';

/** Work that ends when it is told to, and answers how often it was begun. */
function makeWork() {
  const ends: Array<PromiseWithResolvers<void>> = [];
  const work = async (): Promise<number> => {
    const end = Promise.withResolvers<void>();
    const times = ends.push(end);
    await end.promise;
    return times;
  };
  return { ends, work };
}

test('all that ask while it is under way get what begins after they have asked, begun once', async () => {
  const { ends, work } = makeWork();
  const shared = new SharedByKey<number>();
  const first = shared.run('a', work);
  const later = [shared.run('a', work), shared.run('a', work)];
  await turn();
  expect(ends).toHaveLength(1);
  ends[0]?.resolve();
  expect(await first).toBe(1);
  await turn();
  const last = shared.run('a', work);
  expect(ends).toHaveLength(2);
  ends[1]?.resolve();
  expect(await Promise.all(later)).toEqual([2, 2]);
  await turn();
  ends[2]?.resolve();
  expect(await last).toBe(3);
});

test('a failure is that of those who shared it, and the next time begins all the same', async () => {
  const shared = new SharedByKey<string>();
  const fails = async (): Promise<string> => {
    throw new Error('away');
  };
  const first = shared.run('a', fails);
  const second = shared.run('a', async () => 'there');
  await expect(first).rejects.toThrow('away');
  expect(await second).toBe('there');
});

test('other keys do not wait', async () => {
  const { ends, work } = makeWork();
  const shared = new SharedByKey<number>();
  const one = shared.run('a', work);
  const other = shared.run('b', work);
  expect(ends).toHaveLength(2);
  for (const end of ends) end.resolve();
  expect(await Promise.all([one, other])).toEqual([1, 2]);
});
