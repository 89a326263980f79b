import { z } from 'zod';

export const MAX_PAGE = 10_000;
const DEFAULT_PAGE = 1_000;

const naturalNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'must be an integer')
  .transform(Number);

/** The parameters of GET /journal. */
export const journalQuerySchema = z.strictObject({
  messageId: naturalNumber.optional(),
  after: naturalNumber.optional(),
  limit: naturalNumber.pipe(z.number().min(1).max(MAX_PAGE)).optional(),
});

export type JournalQuery = z.infer<typeof journalQuerySchema>;

/** How many entries a page of JSON holds. */
export function pageSizeOf(query: JournalQuery): number {
  return query.limit ?? DEFAULT_PAGE;
}
