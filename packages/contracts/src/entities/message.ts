import { z } from 'zod';
import { instant } from '../time.ts';

/** The six states of a message. All but `queued` are final. */
export const messageStatus = z.enum(['queued', 'sent', 'failed', 'expired', 'cancelled', 'unknown']);
export type MessageStatus = z.infer<typeof messageStatus>;

/** How many messages stand in each status. */
export const messageCounts = z.object({
  queued: z.int(),
  sent: z.int(),
  failed: z.int(),
  expired: z.int(),
  cancelled: z.int(),
  unknown: z.int(),
});
export type MessageCounts = z.infer<typeof messageCounts>;

/** A message as the read model shows it. `createdAt` is when it was queued. */
export const message = z.object({
  id: z.int().positive(),
  mailingId: z.uuid(),
  clientId: z.uuid(),
  status: messageStatus,
  createdAt: instant,
  endedAt: instant.nullable(),
  attempts: z.int().nonnegative(),
  error: z.string().nullable(),
});
export type Message = z.infer<typeof message>;
