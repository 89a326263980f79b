import { z } from 'zod';

/** A question that one service answers another (NATS request and reply): where it is asked, and both schemas. */
export interface QueryDefinition<Request extends z.ZodType, Reply extends z.ZodType> {
  readonly subject: string;
  readonly request: Request;
  readonly reply: Reply;
}

export function defineQuery<Request extends z.ZodType, Reply extends z.ZodType>(
  subject: string,
  request: Request,
  reply: Reply,
): QueryDefinition<Request, Reply> {
  return { subject, request, reply };
}

/** How many entries one page holds at most, and how many bytes of JSON: a reply must fit a NATS message of 1 MiB. */
export const PAGE_LIMIT = 1000;
export const PAGE_BYTES = 512 * 1024;

export const pageLimit = z.int().min(1).max(PAGE_LIMIT);

/** A page: entries, where the next page begins (`null` on the last), and the time the data are current to. */
export const pageOf = <Item extends z.ZodType, Cursor extends z.ZodType>(item: Item, cursor: Cursor) =>
  z.object({ items: z.array(item), next: cursor.nullable(), asOf: z.string() });
