import { z } from 'zod';
import { instant } from '../time.ts';
import { operatorCode } from './client.ts';

/** Who is addressed: everyone (said on purpose), or those whose code and tag are among the named ones. */
export const mailingFilter = z.union([
  z.strictObject({ everyone: z.literal(true) }),
  // Strict, and never empty: what is not understood here would address everyone.
  z
    .strictObject({
      operatorCodes: z.array(operatorCode).min(1).optional(),
      tags: z.array(z.string()).min(1).optional(),
    })
    .refine(({ operatorCodes, tags }) => operatorCodes !== undefined || tags !== undefined),
]);
export type MailingFilter = z.infer<typeof mailingFilter>;

/** The hours of a client's own day in which it may get messages: `from` belongs to it, `to` does not. */
export const localWindow = z.object({
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM'),
  to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM'),
});
export type LocalWindow = z.infer<typeof localWindow>;

/** Calls to the provider a second, over all senders; a fraction where it is less than one. */
export const rateLimit = z.number().positive();

/** A mailing's weight where several share the senders: one of 8 gets twice the turns of one of 4. */
export const priority = z.int().min(1).max(9);
/** The weight of a mailing for which none is given. */
export const DEFAULT_PRIORITY = 5;

/** The states that a person is shown. */
export const mailingStatus = z.enum(['scheduled', 'running', 'paused', 'completed', 'expired']);
export type MailingStatus = z.infer<typeof mailingStatus>;

/** A mailing, as it stands in events. `status: 'deleted'` is never shown: such a mailing answers 404. */
export const mailing = z.object({
  id: z.uuid(),
  name: z.string().nullable(),
  text: z.string(),
  startAt: instant,
  endAt: instant,
  filter: mailingFilter,
  localWindow: localWindow.nullable(),
  /** Both are absent in events that were written before there were such things. */
  rateLimit: rateLimit.nullable().default(null),
  priority: priority.default(DEFAULT_PRIORITY),
  status: z.enum([...mailingStatus.options, 'deleted']),
  /** 1 at creation, +1 for every accepted command; what the clock or the delivery does leaves it alone. */
  version: z.int().positive(),
  createdAt: instant,
  updatedAt: instant,
  startedAt: instant.nullable(),
  /** When it became completed, expired or deleted. */
  endedAt: instant.nullable(),
  /** When the last of its messages had ended. */
  settledAt: instant.nullable(),
  /** What the plan holds, known once every batch of it is in the log. */
  audience: z.object({ messages: z.int().nonnegative(), batches: z.int().nonnegative() }).nullable(),
});
export type Mailing = z.infer<typeof mailing>;
