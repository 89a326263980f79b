import { z } from '@hono/zod-openapi';
import { problem } from '../problems/problem.ts';
import { client } from './client.ts';
import { importResult } from './import-result.ts';
import { mailing } from './mailing.ts';

/** The answer 202. */
export const acceptedCommand = z
  .object({ id: z.uuid(), status: z.literal('accepted') })
  .openapi('AcceptedCommand');

/** What became of a command. `result` is the entity (null after a removal), the import's result, or the problem. */
export const commandState = z
  .object({
    id: z.uuid(),
    status: z.enum(['accepted', 'done', 'refused']),
    result: z.union([client, mailing, importResult, problem, z.null()]).optional(),
  })
  .openapi('CommandState');
export type CommandState = z.infer<typeof commandState>;
