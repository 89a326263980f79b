import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkOrder } from './chunk-order.ts';

test('a chunk is held back while the result of one with its phone is awaited', () => {
  const order = new ChunkOrder();
  order.sent(0, new Set(['a', 'b']));
  order.sent(1, new Set(['c']));
  expect(order.isHeldBack(new Set(['d', 'b']))).toBe(true);
  expect(order.isHeldBack(new Set(['d']))).toBe(false);
  order.answered(0);
  expect(order.isHeldBack(new Set(['d', 'b']))).toBe(false);
  expect(order.takeUnanswered()).toEqual([]);
});

test('what nobody waits for any more is told to the next chunk, once', () => {
  const order = new ChunkOrder();
  order.sent(0, new Set(['a']));
  order.sent(1, new Set(['b']));
  order.givenUp(1);
  order.givenUp(0);
  expect(order.isHeldBack(new Set(['a']))).toBe(false);
  expect(order.takeUnanswered()).toEqual([1, 0]);
  expect(order.takeUnanswered()).toEqual([]);
});

interface Run {
  readonly chunk: number;
  readonly from: number;
  to: number;
}

/** Sends chunks as soon as they may be sent, eight at a time, and ends them in an order of chance. */
function play(chunks: ReadonlyArray<ReadonlySet<string>>, choices: readonly number[]): Run[] {
  const order = new ChunkOrder();
  const runs: Run[] = [];
  const underWay: Run[] = [];
  let now = 0;
  const endOne = (): void => {
    now += 1;
    const [run] = underWay.splice((choices[now % choices.length] ?? 0) % underWay.length, 1);
    if (run === undefined) throw new Error('nothing is under way: it would wait for ever');
    run.to = now;
    order.answered(run.chunk);
  };
  for (const [chunk, phones] of chunks.entries()) {
    while (underWay.length >= 8 || order.isHeldBack(phones)) endOne();
    now += 1;
    order.sent(chunk, phones);
    const run = { chunk, from: now, to: Number.POSITIVE_INFINITY };
    runs.push(run);
    underWay.push(run);
  }
  while (underWay.length > 0) endOne();
  return runs;
}

test('chunks that share a phone are carried out one after another in the order of the file, others side by side', () => {
  const phones = fc.array(fc.constantFrom(...'abcdefghijklmnop'), { minLength: 1, maxLength: 3 });
  const chunks = fc.array(
    phones.map((list) => new Set(list)),
    { minLength: 1, maxLength: 40 },
  );
  const choices = fc.array(fc.nat(7), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(chunks, choices, (given, order) => {
      const runs = play(given, order);
      for (const [index, run] of runs.entries()) {
        const earlier = runs.slice(0, index);
        const sharing = earlier.filter(({ chunk }) =>
          [...(given[chunk] ?? [])].some((one) => given[index]?.has(one)),
        );
        for (const before of sharing) expect(before.to).toBeLessThan(run.from);
      }
    }),
  );
  const distinct = Array.from('abcdefgh', (phone) => new Set([phone]));
  const runs = play(distinct, [0]);
  expect(Math.max(...runs.map(({ from }) => from))).toBeLessThan(Math.min(...runs.map(({ to }) => to)));
});
