import { z } from 'zod';
import type { Context } from '../context.ts';

const parkedEvent = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String),
  model: z.string(),
  fold: z.string(),
  position: z.number(),
  subject: z.string(),
  type: z.string().nullable(),
  error: z.string(),
  parkedAt: z.string(),
  text: z.string().optional(),
});
export type ParkedEvent = z.output<typeof parkedEvent>;
const parkedPage = z.looseObject({
  items: z.array(parkedEvent),
  nextCursor: z.string().nullable().optional(),
});

const PAGE = 1_000;

/** All of them, page by page. */
export async function readParked({ api }: Context): Promise<ParkedEvent[]> {
  const items: ParkedEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get(
      '/admin/parked-events',
      parkedPage,
      cursor === undefined ? {} : { cursor, limit: PAGE },
    );
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
