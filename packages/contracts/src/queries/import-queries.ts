import { z } from 'zod';
import { importError } from '../command-result.ts';
import { importEnd, importOrder, rejectedLine } from '../commands/import-clients.ts';
import { instant } from '../time.ts';
import { defineQuery, type QueryDefinition } from './define-query.ts';

/** What became of the lines of an import so far. */
const importCounts = z.object({
  registered: z.int().nonnegative(),
  updated: z.int().nonnegative(),
  rejected: z.int().nonnegative(),
  /** The first ones, in the order of the lines. */
  errors: z.array(importError),
});

/**
 * What is stored of an import: what was asked, how its reading ended (null while it has not, as far as is known here), and
 * what its parts have come to. `record` is null where nothing of it was carried out, or only by an earlier release.
 */
export const importRecordQuery = defineQuery(
  'queries.mailing.import-record',
  z.object({ importId: z.uuid() }),
  importCounts.extend({
    record: importOrder.extend({ end: importEnd.nullable() }).nullable(),
    chunksDone: z.int().nonnegative(),
    /** How many of the rejected lines are lines that the gateway rejected; of the others each is stored. */
    badLines: z.int().nonnegative(),
    /** When the last part was carried out. */
    latest: instant.nullable(),
  }),
);
export type StoredImport = z.infer<typeof importRecordQuery.reply>;

/**
 * Rejected lines of an import in its order, some parts at a time. `next` is where the following page begins; it is null, and
 * there are no lines, behind the last one.
 */
export const importRejectedQuery = defineQuery(
  'queries.mailing.import-rejected',
  z.object({ importId: z.uuid(), after: z.int().nonnegative().nullable() }),
  z.object({ lines: z.array(rejectedLine), next: z.int().nonnegative().nullable() }),
);

export const liveImport = importCounts.extend({
  order: importOrder,
  received: z.int().nonnegative(),
  /** Rejected lines that are counted and not kept. */
  omitted: z.int().nonnegative(),
});
export type LiveImport = z.infer<typeof liveImport>;

const nothing = z.object({});

/** How far an import is, asked of the gateway that works on it. Nobody answers where none does. */
export const liveImportQuery = (importId: string): QueryDefinition<typeof nothing, typeof liveImport> =>
  defineQuery(`queries.gateway.import.${importId}`, nothing, liveImport);
