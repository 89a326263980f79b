import { statsDifference, statsRebuild } from '@herald/contracts';
import { z } from '@hono/zod-openapi';

/** A job on the generations of the statistics, as it is answered. */
export const rebuildSchema = statsRebuild
  .extend({
    kind: statsRebuild.shape.kind.clone().openapi({
      description: 'rebuild serves what it folds, verify compares and drops it, use serves a kept one',
    }),
    events: z.int().openapi({ description: 'Positions of the log that are folded, of `total`' }),
    holdMs: z.int().nullable().openapi({
      description:
        'How long the folds were held still to compare what may still change; questions were answered meanwhile',
    }),
    differences: z.array(statsDifference).openapi({
      description: 'What was served and what was folded anew, where they do not agree: the first 2,000',
    }),
  })
  .openapi('StatisticsRebuild');
