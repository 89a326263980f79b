import { z } from 'zod';

/** What deleting, pausing and resuming a mailing need to know. */
export const steerMailing = z.object({ mailingId: z.uuid(), expectedVersion: z.int().positive().optional() });
