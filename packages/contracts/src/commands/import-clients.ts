import { z } from 'zod';
import { deriveId } from '../identity.ts';
import { instant } from '../time.ts';
import { clientAttributes } from './register-client.ts';

/** How many clients one import command carries at most, and how many lines that were rejected before. */
export const IMPORT_CHUNK = 500;
/** How many chunks one chunk waits for at most: those that a gateway sends side by side. */
const MOST_CHUNKS_BEFORE = 64;

/** The id of the command that carries a part of an import: a repeat of the import sends the same commands. */
export const importChunkId = (importId: string, chunk: number): string =>
  deriveId(importId, 'chunk', String(chunk));

/** What a person asked of an import, and when. `dryRun`: nothing is to be changed, only said what would be. */
export const importOrder = z.object({
  onDuplicate: z.enum(['reject', 'update']),
  dryRun: z.boolean(),
  startedAt: instant,
});
export type ImportOrder = z.infer<typeof importOrder>;

/**
 * A line of an import that was not taken, and why. Its values stand there as they were read, to be mended; `original` is the
 * line itself where columns cannot tell it.
 */
export const rejectedLine = z.object({
  line: z.int().positive(),
  reason: z.string(),
  phone: z.string().optional(),
  timezone: z.string().optional(),
  operatorCode: z.string().optional(),
  tag: z.string().optional(),
  original: z.string().optional(),
});
export type RejectedLine = z.infer<typeof rejectedLine>;

/** How the reading of an import came to its end. It stands in the last chunk. */
export const importEnd = z.object({
  chunks: z.int().positive(),
  received: z.int().nonnegative(),
  /** The lines that the gateway rejected, those too of which no chunk tells: there is a bound. */
  badLines: z.int().nonnegative(),
  /** Too many lines were bad, and the rest was not read. */
  stopped: z.boolean(),
});
export type ImportEnd = z.infer<typeof importEnd>;

/** Part `chunk` (from 0) of an import. `line` is where the row stood in what the person sent. */
export const importClients = z.object({
  importId: z.uuid(),
  chunk: z.int().nonnegative(),
  onDuplicate: z.enum(['reject', 'update']),
  /** Absent in commands of gateways before 0044, like the two below. */
  startedAt: instant.optional(),
  /** The lines that the gateway rejected among the rows of this part. */
  badLines: z.array(rejectedLine).max(IMPORT_CHUNK).optional(),
  /** In the last part alone. */
  end: importEnd.optional(),
  /**
   * The chunks that must have been carried out before this one, because nobody waited for their results: a phone of
   * theirs may stand in this one too. Absent where they have (and in commands of gateways that do not know it yet).
   */
  after: z.array(z.int().nonnegative()).max(MOST_CHUNKS_BEFORE).optional(),
  /** None where all lines of the part are bad. */
  rows: z.array(clientAttributes.extend({ line: z.int().positive() })).max(IMPORT_CHUNK),
});
export type ImportRow = z.infer<typeof importClients>['rows'][number];

/** The commands that carry a part of an import, or of a dry run of one. */
export type ImportCommandType = 'ImportClients' | 'TryImport';
