import { z } from 'zod';
import { instant } from '../time.ts';
import { defineQuery } from './define-query.ts';

/** A column in which what was served and what was folded anew do not agree. */
export const statsDifference = z.object({
  /** Null where it is about no mailing: a client, or events that are parked. */
  mailing: z.uuid().nullable(),
  column: z.string(),
  live: z.string().nullable(),
  rebuilt: z.string().nullable(),
});
export type StatsDifference = z.infer<typeof statsDifference>;

/** A job on the generations of the statistics, and how far it is. */
export const statsRebuild = z.object({
  id: z.uuid(),
  kind: z.enum(['rebuild', 'verify', 'use']),
  state: z.enum(['folding', 'comparing', 'switching', 'cleaning', 'done', 'failed']),
  generation: z.int(),
  lanes: z.int(),
  /** Positions of the log that are folded, and how many there are. */
  events: z.int(),
  total: z.int(),
  perSecond: z.int().nullable(),
  secondsLeft: z.int().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** How long all lanes were held still for the switch or the comparison, milliseconds. */
  holdMs: z.int().nullable(),
  differencesFound: z.int(),
  differences: z.array(statsDifference),
  error: z.string().nullable(),
});
export type StatsRebuild = z.infer<typeof statsRebuild>;

/** Why something about generations is refused. */
export const generationRefusal = z.discriminatedUnion('code', [
  z.object({ code: z.literal('job-running'), kind: statsRebuild.shape.kind }),
  z.object({ code: z.literal('generation-not-found') }),
  z.object({ code: z.literal('generation-served') }),
  z.object({ code: z.literal('generation-in-work') }),
]);
export type GenerationRefusal = z.infer<typeof generationRefusal>;

/** Begins a job, or joins the one of the same kind that is under way. */
export const beginRebuildQuery = defineQuery(
  'queries.stats.begin-rebuild',
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.enum(['rebuild', 'verify']),
      lanes: z.union([z.literal(1), z.literal(16)]).nullable(),
    }),
    z.object({ kind: z.literal('use'), generation: z.int().positive() }),
  ]),
  z.object({ job: statsRebuild.nullable(), refusal: generationRefusal.nullable() }),
);

/** The job under way or the last one. */
export const rebuildQuery = defineQuery(
  'queries.stats.rebuild',
  z.object({}),
  z.object({ job: statsRebuild.nullable() }),
);

/** Gives the job up that is under way. */
export const cancelRebuildQuery = defineQuery(
  'queries.stats.cancel-rebuild',
  z.object({}),
  z.object({ isCancelled: z.boolean() }),
);

/** A generation of the read models. */
export const statsGeneration = z.object({
  generation: z.int(),
  isServed: z.boolean(),
  /** `older` is of an older release: it can only be dropped. */
  state: z.enum(['served', 'building', 'kept', 'older']),
  lanes: z.int().nullable(),
  origin: z.string().nullable(),
  createdAt: instant.nullable(),
  servedAt: instant.nullable(),
  /** The position up to which everything is folded. */
  position: z.int().nullable(),
  bytes: z.int(),
});
export type StatsGeneration = z.infer<typeof statsGeneration>;

export const generationsQuery = defineQuery(
  'queries.stats.generations',
  z.object({}),
  z.object({ items: z.array(statsGeneration) }),
);

/** Drops a generation that is neither served nor in work. */
export const dropGenerationQuery = defineQuery(
  'queries.stats.drop-generation',
  z.object({ generation: z.int().positive() }),
  z.object({ refusal: generationRefusal.nullable() }),
);

/** Said when a job begins or ends: every stats instance looks at once which generations it has to fold. */
export const GENERATIONS_CHANGED_SUBJECT = 'control.stats.generations-changed';
