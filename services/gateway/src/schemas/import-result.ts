import { z } from '@hono/zod-openapi';

/** What an import came to; `errors` are the first 100, by line. */
export const importResult = z
  .object({
    received: z.int(),
    registered: z.int(),
    updated: z.int(),
    rejected: z.int(),
    errors: z.array(z.object({ line: z.int(), message: z.string() })),
  })
  .openapi('ImportResult');
export type ImportResult = z.infer<typeof importResult>;
