import { z } from '@hono/zod-openapi';

const LONGEST_CURSOR = 512;

/** Where the next page begins, for a person only to hand back: the query's own cursor as base64url of JSON. */
export const encodeCursor = (cursor: unknown): string | null =>
  cursor === null ? null : Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** A cursor that was handed back, checked with the query's own schema. */
export function cursorOf<Cursor extends z.ZodType>(schema: Cursor) {
  return z
    .string()
    .transform((value, context): z.output<Cursor> => {
      const parsed = schema.safeParse(decode(value));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
      return z.NEVER;
    })
    .openapi({ type: 'string', description: '`nextCursor` of the page before' });
}

/** What the text stands for; `undefined` (which no cursor is) when it stands for nothing. */
function decode(value: string): unknown {
  if (value.length > LONGEST_CURSOR || !/^[A-Za-z0-9_-]+$/.test(value)) return undefined;
  try {
    return JSON.parse(Buffer.from(value, 'base64url').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
