import { z } from 'zod';

const difference = z.looseObject({
  /** The statistics name a mailing, or none. */
  mailing: z.string().nullish(),
  /** The directory names what it is about: `client <id>`, `plan <mailing>`, `table <name>`. */
  entity: z.string().optional(),
  column: z.string(),
  live: z.unknown().optional(),
  rebuilt: z.unknown().optional(),
});
export type Difference = z.output<typeof difference>;

/** What an administrator ordered and Herald works on: `GET /admin/stats/rebuild`, `GET /admin/directory/rebuild`. */
export const job = z.looseObject({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  generation: z.number().nullable().optional(),
  lanes: z.number().nullable().optional(),
  events: z.number(),
  total: z.number().nullable(),
  perSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  differencesFound: z.number().nullable().optional(),
  differences: z.array(difference).optional(),
  error: z.string().nullable(),
});
export type Job = z.output<typeof job>;

export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'failed';

/** Also where a release says only which they are. */
export const differencesOf = ({ differencesFound, differences }: Job): number =>
  differencesFound ?? differences?.length ?? 0;
