import { z } from 'zod';

/** Who may have how many calls under way. Times are those of the broker's clock, milliseconds since 1970. */
export const permitRecord = z.object({
  holders: z.record(
    z.string(),
    z.object({
      permits: z.number(),
      /** How many it could use. */
      wants: z.number(),
      /** Until then it may begin calls, unless it renews. */
      until: z.number(),
      /** Until then a call that it began may last, if nobody hears of it any more. */
      overAt: z.number(),
    }),
  ),
});
export type PermitRecord = z.infer<typeof permitRecord>;
