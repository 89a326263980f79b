import { z } from 'zod';
import { message } from '../entities/message.ts';
import { instant } from '../time.ts';
import { defineQuery } from './define-query.ts';

/** What became of a client in a mailing. The first six are the states of its message. */
export const whyOutcome = z.enum([
  'queued',
  'sent',
  'failed',
  'expired',
  'cancelled',
  'unknown',
  /** The mailing did not address it. */
  'not-addressed',
  /** The mailing has not started, or never will. */
  'not-started',
  /** It is addressed; its message is not queued yet. */
  'being-planned',
  /** The statistics do not tell: they are behind the log, or something in it cannot be read. */
  'undetermined',
]);
export type WhyOutcome = z.infer<typeof whyOutcome>;

/** Each reason there is, with what it says and which event says so. Codes are never renamed. */
export const whyReasons = {
  sent: 'The provider took the message (`MessageSent`)',
  refused: 'The provider refused it for good; the text has its words (`MessageFailed`)',
  'client-removed': 'The client was gone when its turn came (`MessageFailed`)',
  'time-zone-unknown': "No window can be read in its time zone (`MessageFailed`, or the client's event)",
  undecidable: 'An error of the sender about this message (`MessageFailed`, `MessageUnknown`)',
  'answer-lost': "A call's answer was lost (`MessageUnknown`, `MessageRetried`)",
  'not-sent-in-time': 'It had not been sent when the mailing ended (`MessagesExpired`)',
  cancelled: 'It had not been sent when the mailing was deleted (`MessagesCancelled`)',
  queued: 'It waits to be sent (`MessagesQueued`)',
  'removed-before-call': 'When the client was removed (`ClientRemoved`)',
  'last-attempt': 'What the last call, or look at it, came to (`MessageRetried`, `MessageUndecided`)',
  'deadline-passed': 'The end of the mailing came (`MailingExpired`, or the event that set it)',
  'mailing-deleted': 'The mailing was deleted (`MailingDeleted`)',
  paused: 'The mailing is paused, or was when its end came (`MailingPaused`)',
  'window-closed': 'The local window is closed for the client now (the event that set it)',
  'window-never-open':
    'The window was closed for the client from the start to the end (the event that set it)',
  'plan-incomplete': 'The mailing has started, and its messages are still being queued (`MailingStarted`)',
  'operator-code-not-in-filter': 'As of the start (`MailingStarted`)',
  'tag-not-in-filter': 'As of the start (`MailingStarted`)',
  'client-at-start': "What the client was at the start (the client's event)",
  'changed-since-start': "What the client is now; the audience stays what it was (the client's event)",
  'registered-after-start': 'The client was registered later (`ClientRegistered`)',
  'removed-before-start': 'The client had been removed (`ClientRemoved`)',
  'audience-fixed-at-start': 'Who is addressed was settled by the start (`MailingStarted`)',
  'mailing-scheduled': 'Its start is still to come (the event that set it)',
  'deleted-before-start': 'The mailing was deleted before it started (`MailingDeleted`)',
  'ended-before-start': 'Its end passed before it started (`MailingExpired`, or the event that set it)',
  'statistics-behind': 'The statistics have not read as far as this event',
  'record-unreadable': 'A record that may tell cannot be read',
  'message-missing': 'It should have been addressed, and no message is found',
} as const;
export type WhyCode = keyof typeof whyReasons;
export const whyCodes = Object.keys(whyReasons) as [WhyCode, ...WhyCode[]];

/** One reason, and what in the log says so. */
export const whyReason = z.object({
  code: z.enum(whyCodes),
  text: z.string(),
  /** The event, or the fact inside `OutcomesRecorded`, at the position; null where it cannot be read. */
  event: z.string().nullable(),
  position: z.int().positive(),
  at: instant,
});
export type WhyReason = z.infer<typeof whyReason>;

export const explanation = z.object({
  outcome: whyOutcome,
  reasons: z.array(whyReason).min(1),
  message: message.nullable(),
  asOf: z.string(),
});
export type Explanation = z.infer<typeof explanation>;

/** Did a client get a mailing, and why (not). `missing` names what never existed. */
export const whyQuery = defineQuery(
  'queries.stats.why',
  z.object({ mailingId: z.uuid(), clientId: z.uuid() }),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('explained'), explanation }),
    z.object({ kind: z.literal('missing'), what: z.enum(['mailing', 'client']) }),
  ]),
);
