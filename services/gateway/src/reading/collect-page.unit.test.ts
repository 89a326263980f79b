import { expect, test } from 'vitest';
import { collectPage } from './collect-page.ts';

/** A list of the numbers from 1, handed out in pieces of at most `most`. */
const listOf = (length: number, most: number) => {
  const asked: Array<[number, number | null]> = [];
  const ask = async (limit: number, after: number | null) => {
    asked.push([limit, after]);
    const from = after ?? 0;
    const count = Math.min(limit, most, length - from);
    const items = Array.from({ length: count }, (_, index) => from + index + 1);
    const end = from + count;
    return { items, next: end < length ? end : null, asOf: `look ${asked.length}` };
  };
  return { asked, ask };
};

test('puts a page together from the pieces that fit a reply', async () => {
  const { ask, asked } = listOf(100, 3);
  const page = await collectPage<number, number, { items: number[]; next: number | null; asOf: string }>(
    8,
    null,
    ask,
  );
  expect(page).toMatchObject({ items: [1, 2, 3, 4, 5, 6, 7, 8], next: 8, first: { asOf: 'look 1' } });
  expect(asked).toEqual([
    [8, null],
    [5, 3],
    [2, 6],
  ]);
});

test('ends where the list ends', async () => {
  const { ask } = listOf(5, 3);
  expect(await collectPage(100, 2, ask)).toMatchObject({ items: [3, 4, 5], next: null });
});

test('does not ask for ever when pieces come empty', async () => {
  const ask = async () => ({ items: [] as number[], next: 9 as number | null });
  expect(
    await collectPage<number, number, { items: number[]; next: number | null }>(10, null, ask),
  ).toMatchObject({
    items: [],
    next: 9,
  });
});
