import { z } from 'zod';
import { deriveId } from '../identity.ts';
import { clientAttributes } from './register-client.ts';

/** How many clients one import command carries at most. */
export const IMPORT_CHUNK = 500;
/** How many chunks one chunk waits for at most: those that a gateway sends side by side. */
const MOST_CHUNKS_BEFORE = 64;

/** The id of the command that carries a part of an import: a repeat of the import sends the same commands. */
export const importChunkId = (importId: string, chunk: number): string =>
  deriveId(importId, 'chunk', String(chunk));

/** Part `chunk` (from 0) of an import. `line` is where the row stood in what the person sent. */
export const importClients = z.object({
  importId: z.uuid(),
  chunk: z.int().nonnegative(),
  onDuplicate: z.enum(['reject', 'update']),
  /**
   * The chunks that must have been carried out before this one, because nobody waited for their results: a phone of
   * theirs may stand in this one too. Absent where they have (and in commands of gateways that do not know it yet).
   */
  after: z.array(z.int().nonnegative()).max(MOST_CHUNKS_BEFORE).optional(),
  rows: z
    .array(clientAttributes.extend({ line: z.int().positive() }))
    .min(1)
    .max(IMPORT_CHUNK),
});
export type ImportRow = z.infer<typeof importClients>['rows'][number];
