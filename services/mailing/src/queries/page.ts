import { PAGE_BYTES } from '@herald/contracts';

/**
 * Cuts a page by the bytes it takes as JSON, since a reply must fit a message of the broker. At least one item is kept.
 *
 * @param items at most `limit + 1` of them: one more than wanted tells that there are more
 */
export function cutPage<Item, Cursor>(
  items: readonly Item[],
  limit: number,
  cursorOf: (item: Item) => Cursor,
): { items: Item[]; next: Cursor | null } {
  const page: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (page.length >= limit || (page.length > 0 && bytes > PAGE_BYTES)) break;
    page.push(item);
  }
  const last = page.at(-1);
  const hasMore = page.length < items.length;
  return { items: page, next: hasMore && last !== undefined ? cursorOf(last) : null };
}
