import { z } from 'zod';
import { defineQuery, pageLimit, pageOf } from './define-query.ts';

/** Of what the log is read: of a mailing (with the records about its messages, or without them), of a client, or of all entities. */
export const logScope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mailing'), mailingId: z.uuid(), withMessages: z.boolean() }),
  z.object({ kind: z.literal('client'), clientId: z.uuid() }),
  z.object({ kind: z.literal('all') }),
]);
export type LogScope = z.infer<typeof logScope>;

/**
 * Where in the log something stands, as positions that rise. `oldest` begins behind `after`; `newest` answers the last ones,
 * and has no further page. Positions that another lane of the statistics may still add to are left out until it has.
 */
export const positionsQuery = defineQuery(
  'queries.stats.positions',
  z.object({
    scope: logScope,
    from: z.enum(['oldest', 'newest']),
    limit: pageLimit,
    after: z.int().nonnegative().nullable(),
  }),
  pageOf(z.int().positive(), z.int()),
);
