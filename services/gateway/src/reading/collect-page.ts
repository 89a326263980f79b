/** One answer of a list query: bounded by bytes, so it may hold fewer entries than were asked for. */
interface Piece<Item, Cursor> {
  readonly items: readonly Item[];
  readonly next: Cursor | null;
}

/** The pieces of a page put together. What else a piece says (`asOf`, totals) is taken from the first. */
interface Page<Item, Cursor, Part> {
  readonly items: Item[];
  readonly next: Cursor | null;
  readonly first: Part;
}

/**
 * Repeats a question until the page is full or nothing is left.
 *
 * @param limit how many entries the page holds at most
 * @param after where it begins; `null` for the first page
 */
export async function collectPage<Item, Cursor, Part extends Piece<Item, Cursor>>(
  limit: number,
  after: Cursor | null,
  ask: (limit: number, after: Cursor | null) => Promise<Part & Piece<Item, Cursor>>,
): Promise<Page<Item, Cursor, Part>> {
  const first = await ask(limit, after);
  const items = [...first.items];
  let { next } = first;
  while (next !== null && items.length < limit) {
    const piece = await ask(limit - items.length, next);
    items.push(...piece.items);
    next = piece.next;
    // Whoever has more must hand out some of it, or this would go on for ever.
    if (piece.items.length === 0) break;
  }
  return { items, next, first };
}
