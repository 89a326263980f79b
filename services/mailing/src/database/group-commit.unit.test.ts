import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GroupCommit } from './group-commit.ts';

/** Work that ends when it is told to, and the groups that it was given. */
function makeWork() {
  const groups: number[][] = [];
  const ends: Array<PromiseWithResolvers<void>> = [];
  const work = async (items: readonly number[]): Promise<number[]> => {
    groups.push([...items]);
    const end = Promise.withResolvers<void>();
    ends.push(end);
    await end.promise;
    return items.map((item) => item * 10);
  };
  return { groups, ends, group: new GroupCommit(work, () => true) };
}

test('what comes in one turn is one group, and what comes meanwhile the next one', async () => {
  const { groups, ends, group } = makeWork();
  const first = [1, 2].map((item) => group.run(item));
  await turn();
  const second = [3, 4, 5].map((item) => group.run(item));
  await turn();
  expect(groups).toEqual([[1, 2]]);
  ends[0]?.resolve();
  expect(await Promise.all(first)).toEqual([10, 20]);
  await turn();
  expect(groups).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  ends[1]?.resolve();
  expect(await Promise.all(second)).toEqual([30, 40, 50]);
  const alone = group.run(6);
  await turn();
  ends[2]?.resolve();
  expect(await alone).toBe(60);
});

test('one item that fails costs the others of its group nothing, and the next group does not wait for it', async () => {
  const stuck = Promise.withResolvers<void>();
  const group = new GroupCommit<number, number>(
    async (items) => {
      if (items.includes(7) && items.length === 1) await stuck.promise;
      if (items.includes(7)) throw new Error('seven');
      return items.map((item) => item * 10);
    },
    () => true,
  );
  const poisoned = group.run(7);
  const others = Array.from({ length: 31 }, (_, index) => group.run(index + 10));
  expect(await Promise.all(others)).toEqual(Array.from({ length: 31 }, (_, index) => (index + 10) * 10));
  expect(await group.run(1)).toBe(10);
  stuck.resolve();
  await expect(poisoned).rejects.toThrow('seven');
});

test('what lies in no item fails them all, once', async () => {
  let times = 0;
  const group = new GroupCommit<number, number>(
    async () => {
      times += 1;
      throw new Error('away');
    },
    () => false,
  );
  const results = await Promise.allSettled([1, 2, 3].map((item) => group.run(item)));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(times).toBe(1);
});
