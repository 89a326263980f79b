import { z } from 'zod';
import { clientAttributes } from './register-client.ts';

/** How many clients one import command carries at most. */
export const IMPORT_CHUNK = 500;

/** Part `chunk` (from 0) of an import. `line` is where the row stood in what the person sent. */
export const importClients = z.object({
  importId: z.uuid(),
  chunk: z.int().nonnegative(),
  onDuplicate: z.enum(['reject', 'update']),
  rows: z
    .array(clientAttributes.extend({ line: z.int().positive() }))
    .min(1)
    .max(IMPORT_CHUNK),
});
export type ImportRow = z.infer<typeof importClients>['rows'][number];
