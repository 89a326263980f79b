import { mailingCursor, PAGE_LIMIT } from '@herald/contracts';
import { z } from '@hono/zod-openapi';
import { cursorOf } from './cursor.ts';

/** The `{id}` of a path. Subjects hold ids in lower case; people may write the same UUID in either (RFC 9562). */
export const idParameter = z.strictObject({ id: z.uuid('must be a UUID').toLowerCase() });

const DEFAULT_LIMIT = 100;
const LIMIT_MESSAGE = `must be a whole number from 1 to ${PAGE_LIMIT}`;

/** How many entries a page holds. Out of bounds is refused, never clamped. */
const limit = z
  .string()
  .regex(/^\d{1,4}$/, LIMIT_MESSAGE)
  .transform(Number)
  .refine((value) => value >= 1 && value <= PAGE_LIMIT, LIMIT_MESSAGE)
  .optional()
  .openapi({
    type: 'integer',
    minimum: 1,
    maximum: PAGE_LIMIT,
    default: DEFAULT_LIMIT,
    description: 'How many entries a page holds',
  });

/** A whole number of a query, within bounds. */
export const wholeNumber = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,16}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message)
    .openapi({ type: 'integer', minimum: least, maximum: most });
};

/** `true` or `false`. */
export const flag = z
  .enum(['true', 'false'], "must be 'true' or 'false'")
  .transform((value) => value === 'true')
  .openapi({ type: 'boolean' });

/** The parameters of a list whose pages begin at a cursor of this shape. */
export const pageParameters = <Cursor extends z.ZodType>(cursor: Cursor) =>
  z.strictObject({ limit, cursor: cursorOf(cursor).optional() });

/** ISO 8601 has a year 0000, PostgreSQL has none: no mailing of ours is so old, and the query would fail. */
const FIRST_YEAR = '0001';

export const pageByMailing = pageParameters(mailingCursor.refine(({ createdAt }) => createdAt >= FIRST_YEAR));
export const pageById = pageParameters(z.uuid());
export const pageByNumber = pageParameters(z.int().nonnegative());

/** What was asked of a page, with the default. */
export const limitOf = (query: { limit?: number | undefined }): number => query.limit ?? DEFAULT_LIMIT;
