import { z } from 'zod';
import { instant } from '../time.ts';
import { defineQuery } from './define-query.ts';

/** One value that the live model held otherwise than the log says. */
export const rebuildDifference = z.object({
  /** `client <id>`, `mailing <id>`, `plan <mailing id>`, `phone <masked>`, `counter`, `table <name>` */
  entity: z.string(),
  column: z.string(),
  /** `null` where there is no such row. */
  live: z.string().nullable(),
  rebuilt: z.string().nullable(),
});
export type RebuildDifference = z.infer<typeof rebuildDifference>;

/** How many differences are told one by one. */
export const DIFFERENCES_TOLD = 300;

/** The directory being made anew from the log, beside the one that is served. */
export const directoryRebuild = z.object({
  id: z.uuid(),
  kind: z.literal('rebuild'),
  /** It folds the log, compares what came of it with the live model, and puts it in its place. */
  state: z.enum(['folding', 'comparing', 'switching', 'done', 'failed']),
  /** How many events are folded. */
  events: z.int(),
  /** How many there are to fold; grows while the log does. */
  total: z.int(),
  /** Lately; `null` while nobody can say. */
  perSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  differencesFound: z.int(),
  /** The first {@link DIFFERENCES_TOLD} of them. */
  differences: z.array(rebuildDifference),
  /** Why it failed, or what it waits for. */
  error: z.string().nullable(),
});
export type DirectoryRebuild = z.infer<typeof directoryRebuild>;

/** Begins a rebuild, or joins the one that runs. */
export const startDirectoryRebuildQuery = defineQuery(
  'queries.mailing.start-rebuild',
  z.object({}),
  z.object({ rebuild: directoryRebuild }),
);

/** The rebuild that runs, or else the last one; `null` where there never was one. */
export const directoryRebuildQuery = defineQuery(
  'queries.mailing.rebuild',
  z.object({}),
  z.object({ rebuild: directoryRebuild.nullable() }),
);

/** All mailing services hear this: what they have to do in the database is to be looked at again. Says nothing else. */
export const LOOK_AGAIN_SUBJECT = 'control.mailing.look-again';
