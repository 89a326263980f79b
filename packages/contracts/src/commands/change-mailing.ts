import { z } from 'zod';
import { localWindow, mailingFilter, priority, rateLimit } from '../entities/mailing.ts';
import { instant } from '../time.ts';

/** A merge patch: absent leaves alone, `null` takes away, or goes back to the default. */
export const changeMailing = z.object({
  mailingId: z.uuid(),
  expectedVersion: z.int().positive().optional(),
  changes: z.object({
    name: z.string().nullable().optional(),
    text: z.string().min(1).optional(),
    startAt: instant.optional(),
    endAt: instant.optional(),
    filter: mailingFilter.optional(),
    localWindow: localWindow.nullable().optional(),
    rateLimit: rateLimit.nullable().optional(),
    priority: priority.nullable().optional(),
  }),
});
