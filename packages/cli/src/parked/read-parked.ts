import { z } from 'zod';
import type { Context } from '../context.ts';
import { oneLine } from '../output/text.ts';

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
  /** The read models that did not answer: of theirs nobody can tell. */
  unavailable: z.array(z.string()).optional(),
});

const PAGE = 1_000;

export type ParkedEvents = {
  readonly items: readonly ParkedEvent[];
  readonly unavailable: readonly string[];
};

/** All of them, page by page. */
export async function readParked({ api }: Context): Promise<ParkedEvents> {
  const items: ParkedEvent[] = [];
  const unavailable = new Set<string>();
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? {} : { cursor, limit: PAGE };
    const page = await api.get('/admin/parked-events', parkedPage, query);
    items.push(...page.items);
    for (const model of page.unavailable ?? []) unavailable.add(model);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { items, unavailable: [...unavailable] };
}

/** Says that a list is not whole, where it is not. */
export function noteUnavailable({ output }: Context, { unavailable }: ParkedEvents): void {
  if (unavailable.length > 0) output.note(`No answer of: ${unavailable.map(oneLine).join(', ')}.`);
}
