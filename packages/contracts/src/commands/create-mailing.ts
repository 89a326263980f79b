import { z } from 'zod';
import { localWindow, mailingFilter } from '../entities/mailing.ts';
import { instant } from '../time.ts';

export const createMailing = z.object({
  mailingId: z.uuid(),
  name: z.string().nullable(),
  text: z.string().min(1),
  startAt: instant,
  endAt: instant,
  filter: mailingFilter,
  localWindow: localWindow.nullable(),
});
