import { z } from 'zod';
import { instant } from '../time.ts';
import { defineQuery, pageLimit, pageOf } from './define-query.ts';

/** An event that a fold could not read or write. It stands in the log; its model is without it. */
export const parkedEvent = z.object({
  /** `<model>.<fold>.<position>` */
  id: z.string(),
  model: z.enum(['directory', 'stats']),
  fold: z.string(),
  position: z.int().positive(),
  subject: z.string(),
  /** `null` where not even that can be read. */
  type: z.string().nullable(),
  error: z.string(),
  parkedAt: instant,
  /** What stands in the log, as it was read. */
  text: z.string(),
});
export type ParkedEvent = z.infer<typeof parkedEvent>;
export type ParkingModel = ParkedEvent['model'];

/** Which of a model's parked events is meant: they come in the order of their folds, then of their positions. */
export const parkedPlace = z.object({ fold: z.string(), position: z.int() });
export type ParkedPlace = z.infer<typeof parkedPlace>;

/** What becomes of an event that is driven again. */
export const redriven = z.object({
  outcome: z.enum([
    /** It counts now, as if it had been folded in its place. */
    'folded',
    /** It cannot be folded yet either; `error` says why. */
    'parked',
    /** It decides about what came after it: the model is rebuilt, and holds it then. */
    'rebuilding',
    /** No such event is parked (any more). */
    'not-found',
  ]),
  error: z.string().nullable(),
});
export type Redriven = z.infer<typeof redriven>;

const parkedQuery = (subject: string) =>
  defineQuery(
    subject,
    z.object({ limit: pageLimit, after: parkedPlace.nullable() }),
    pageOf(parkedEvent, parkedPlace).omit({ asOf: true }),
  );

/** The parked events of the directory's fold, and how one is driven again. */
export const directoryParkedQuery = parkedQuery('queries.mailing.parked');
export const redriveDirectoryQuery = defineQuery('queries.mailing.redrive', parkedPlace, redriven);

/** Those of the statistics' folds. */
export const statsParkedQuery = parkedQuery('queries.stats.parked');
export const redriveStatsQuery = defineQuery('queries.stats.redrive', parkedPlace, redriven);
