import { z } from 'zod';
import { DEFAULT_PRIORITY, localWindow, mailingFilter, priority, rateLimit } from '../entities/mailing.ts';
import { instant } from '../time.ts';

export const createMailing = z.object({
  mailingId: z.uuid(),
  name: z.string().nullable(),
  text: z.string().min(1),
  startAt: instant,
  endAt: instant,
  filter: mailingFilter,
  localWindow: localWindow.nullable(),
  /** Both are absent in commands of gateways that do not know them yet. */
  rateLimit: rateLimit.nullable().default(null),
  priority: priority.default(DEFAULT_PRIORITY),
});
