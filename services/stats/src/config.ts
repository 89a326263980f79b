import { databaseUrl } from '@herald/service-kit';
import { z } from 'zod';

/** The variables of the stats service beside the common ones. */
export const statsConfig = z.object({
  /** The database that holds the schemas `stats` and `stats_<generation>`. */
  DATABASE_URL: databaseUrl,
  /** How many connections the pool of one instance may open. */
  DATABASE_CONNECTIONS: z.coerce.number().int().min(4).max(100).default(10),
  /** Of the first generation. 1: one lane reads the whole log. 16: one lane for each partition, spread over the instances. */
  STATS_LANES: z.coerce
    .number()
    .refine((lanes) => lanes === 1 || lanes === 16, 'must be 1 or 16')
    .default(1),
});
export type StatsConfig = z.infer<typeof statsConfig>;
