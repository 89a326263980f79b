import {
  DEFAULT_PRIORITY,
  localWindow as localWindowInLog,
  type Mailing,
  type MailingFilter,
  type MailingStatus,
  mailing as mailingInLog,
  mailingStatus,
  priority as priorityInLog,
  rateLimit as rateLimitInLog,
} from '@herald/contracts';
import { z } from '@hono/zod-openapi';
import { operatorCode, tag } from './client.ts';
import { moment } from './moment.ts';
import { label, text } from './text.ts';

const LONGEST_TEXT = 4_096;
const LONGEST_NAME = 200;
const MOST_CODES = 1_000;
const MOST_TAGS = 1_000;
/** One call in a quarter of an hour, about; and more than a provider takes. */
const LOWEST_RATE = 0.001;
const HIGHEST_RATE = 100_000;

/**
 * One object instead of a union, so that what is wrong is said about the field at fault. Addressing everyone must be
 * said on purpose.
 */
export const filter = z
  .strictObject({
    everyone: z.literal(true).optional(),
    operatorCodes: z.array(operatorCode).min(1).max(MOST_CODES).optional(),
    tags: z.array(tag).min(1).max(MOST_TAGS).optional(),
  })
  .transform(({ everyone, operatorCodes, tags }, context): MailingFilter => {
    if (everyone === undefined && operatorCodes === undefined && tags === undefined) {
      context.addIssue({ code: 'custom', message: 'must name operatorCodes or tags, or everyone: true' });
      return z.NEVER;
    }
    if (everyone === undefined) return { operatorCodes, tags };
    if (operatorCodes !== undefined || tags !== undefined) {
      context.addIssue({ code: 'custom', message: 'everyone excludes operatorCodes and tags' });
      return z.NEVER;
    }
    return { everyone };
  })
  .openapi('MailingFilter');

export const localWindow = z
  .strictObject(localWindowInLog.shape)
  .superRefine(({ from, to }, context) => {
    if (from === to) context.addIssue({ code: 'custom', path: ['to'], message: 'must differ from `from`' });
  })
  .openapi('LocalWindow', { example: { from: '09:00', to: '21:00' } });

const RATE_LIMIT_DESCRIPTION =
  'Calls to the provider a second for this mailing, over all senders together; may be a fraction. Repeated calls count too.';
const PRIORITY_DESCRIPTION = `The weight of the mailing where several run at once: one of 8 gets twice the turns of one of 4, and nobody waits for ever. By default ${DEFAULT_PRIORITY}`;

export const rateLimit = z
  .number()
  .min(LOWEST_RATE)
  .max(HIGHEST_RATE)
  .openapi({ description: RATE_LIMIT_DESCRIPTION, example: 50 });
export const priority = priorityInLog
  .clone()
  .openapi({ description: PRIORITY_DESCRIPTION, example: DEFAULT_PRIORITY });

const attributes = {
  name: label({ min: 1, max: LONGEST_NAME }),
  text: text({ min: 1, max: LONGEST_TEXT }),
};

export const newMailing = z
  .strictObject({
    name: attributes.name.optional(),
    text: attributes.text,
    startAt: moment,
    endAt: moment,
    filter,
    localWindow: localWindow.optional(),
    rateLimit: rateLimit.optional(),
    priority: priority.optional(),
  })
  .openapi('NewMailing');

/** A merge patch: what is absent stays, `null` takes away, or goes back to the default. */
export const mailingPatch = z
  .strictObject({
    name: attributes.name.nullable().optional(),
    text: attributes.text.optional(),
    startAt: moment.optional(),
    endAt: moment.optional(),
    filter: filter.optional(),
    localWindow: localWindow.nullable().optional(),
    rateLimit: rateLimit.nullable().optional(),
    priority: priority.nullable().optional(),
  })
  .openapi('MailingPatch');

/** A mailing, as it is answered. */
export const mailing = mailingInLog
  .omit({ audience: true, status: true })
  // Those of events from before they existed have been filled in where the event was read.
  .extend({ status: mailingStatus, rateLimit: rateLimitInLog.nullable(), priority: priorityInLog })
  .openapi('Mailing');
export type PresentedMailing = z.infer<typeof mailing>;

/** What a person is shown of a mailing; `null` when it was deleted. */
export function presentMailing({ audience: _, status, ...shown }: Mailing): PresentedMailing | null {
  return status === 'deleted' ? null : { ...shown, status: status satisfies MailingStatus };
}
