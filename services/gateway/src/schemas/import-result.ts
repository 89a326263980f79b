import { z } from '@hono/zod-openapi';

/** What an import came to, or has come to so far; `errors` are the first 100, by line. */
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

/** The answer of an import, or of a dry run of one. */
export const importAnswer = importResult
  .extend({
    id: z.uuid(),
    dryRun: z.literal(true).optional().openapi({ description: 'Nothing was changed; so it would have been' }),
  })
  .openapi('ImportAnswer');

export type ImportAnswer = z.infer<typeof importAnswer>;

/** An import as it is now. */
export const importState = importResult
  .extend({
    id: z.uuid(),
    state: z.enum(['running', 'completed', 'stopped', 'interrupted']).openapi({
      description:
        '`running`: read or carried out at this moment. `completed`: of every line it is known what became of it. `stopped`: the same of the lines up to the one where most were bad; the rest was not read. `interrupted`: its upload broke off, or what read it did; what came before stays, and the same file under the same `Idempotency-Key` completes it',
    }),
    onDuplicate: z.enum(['reject', 'update']),
    dryRun: z.boolean(),
    rejectedOmitted: z.int().openapi({
      description:
        'How many of the rejected lines are counted only: the first 1,000,000 bad lines of an import are kept, 256 MiB of them at most',
    }),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable().openapi({ description: 'When the last line was carried out' }),
  })
  .openapi('ImportState');
export type ImportState = z.infer<typeof importState>;
