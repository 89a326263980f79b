import { z } from 'zod';

/**
 * How far a rate is used up, shared by all senders. Times are those of the broker's clock, milliseconds since 1970,
 * with a fraction.
 */
export const rateRecord = z.object({
  /** When the last call that anybody reserved is due. The next one is due an interval later. */
  lastDue: z.number(),
  /** Who takes part, by process. */
  senders: z.record(
    z.string(),
    z.object({
      /** When it last wrote here. */
      seen: z.number(),
      /** When it last got something; 0 when it never did. */
      served: z.number(),
    }),
  ),
});
export type RateRecord = z.infer<typeof rateRecord>;
