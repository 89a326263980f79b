import { z } from 'zod';
import { mailingStatus } from '../entities/mailing.ts';
import { message, messageCounts, messageStatus } from '../entities/message.ts';
import { instant } from '../time.ts';
import { defineQuery, pageLimit, pageOf } from './define-query.ts';
import { mailingCursor } from './mailing-queries.ts';

/** What the statistics list says of one mailing. A deleted one shows its last status. */
export const mailingOverview = z.object({
  mailing: z.uuid(),
  name: z.string().nullable(),
  status: z.enum([...mailingStatus.options, 'deleted']),
  planned: z.int(),
  counts: messageCounts,
});

/**
 * Overall statistics, newest mailing first. Deleted mailings are left out of the list and of the totals. `at` asks for the
 * state at a past moment of the log's own time.
 */
export const overviewQuery = defineQuery(
  'queries.stats.overview',
  z.object({
    status: mailingStatus.optional(),
    at: instant.optional(),
    limit: pageLimit,
    after: mailingCursor.nullable(),
  }),
  pageOf(mailingOverview, mailingCursor).extend({ totals: messageCounts.extend({ planned: z.int() }) }),
);

/** By what messages may be counted: as their client was when the mailing started, or by the hour of the client's day. */
export const breakdownBy = z.enum(['operatorCode', 'tag', 'timezone', 'hour']);
export type BreakdownBy = z.infer<typeof breakdownBy>;

/** The messages of one value, as counted. `null`: nothing is known of the client, or the message has not ended. */
export const breakdownRow = z.object({
  value: z.string().nullable(),
  planned: z.int(),
  counts: messageCounts,
});
export type BreakdownRow = z.infer<typeof breakdownRow>;

/** How many values a breakdown has at most, the most frequent first; the rest is summed up in one row without a value. */
export const MOST_BREAKDOWN_ROWS = 1_000;

/** Statistics of one mailing, also of a deleted one; `null` when there is none (at that moment). */
export const mailingStatsQuery = defineQuery(
  'queries.stats.mailing',
  z.object({ mailingId: z.uuid(), at: instant.optional(), by: breakdownBy.optional() }),
  z.object({
    stats: mailingOverview
      .extend({
        audienceResolved: z.boolean(),
        retries: z.int(),
        firstSentAt: instant.nullable(),
        lastSentAt: instant.nullable(),
        /** Messages that end a second, of late; null where none are sent now. */
        ratePerSecond: z.number().nullable(),
        /** When the last message would have ended at this rate; the end of the mailing may come before. */
        expectedEndAt: instant.nullable(),
        /** How long a row of the timeline is, seconds. */
        timelineSeconds: z.int(),
        timeline: z.array(messageCounts.omit({ queued: true }).extend({ at: instant })),
        breakdown: z.array(breakdownRow).nullable(),
        asOf: z.string(),
      })
      .nullable(),
  }),
);

/** Messages of a mailing or of a client, in the order of their ids. */
export const messagesQuery = defineQuery(
  'queries.stats.messages',
  z.object({
    mailingId: z.uuid().optional(),
    clientId: z.uuid().optional(),
    status: messageStatus.optional(),
    limit: pageLimit,
    after: z.int().nullable(),
  }),
  pageOf(message, z.int()),
);

/** One thing that happened to a message. */
export const messageHistoryEntry = z.object({
  at: instant,
  event: z.string(),
  /** Where the log says so. */
  position: z.int().positive(),
  /** Who asked for what led to it; null where the clock or the delivery did it, or nobody is known. */
  actor: z.string().nullable(),
  /** Of the request that led to it; null where its record cannot be read. */
  correlationId: z.string().nullable(),
  attempt: z.int().nullable(),
  statusCode: z.int().nullable(),
  durationMs: z.number().nullable(),
  error: z.string().nullable(),
});

/** One message with all that happened to it, read from the log. */
export const messageQuery = defineQuery(
  'queries.stats.message',
  z.object({ messageId: z.int().positive() }),
  z.object({ message: message.extend({ history: z.array(messageHistoryEntry) }).nullable() }),
);

/** How messages and clients are written into a file: rows of RFC 4180, or an object of JSON a line. */
export const fileFormat = z.enum(['csv', 'ndjson']);
export type FileFormat = z.infer<typeof fileFormat>;

/** How many bytes of text one piece of a file has at most. Quotes double as JSON, and a reply must fit 1 MiB. */
export const FILE_PIECE_BYTES = 448 * 1024;

/**
 * The next piece of a file of a mailing's messages, in the order of their ids: whole lines, ready to be passed on. An empty
 * text with a `next` says that none of the messages looked at has the status.
 */
export const messagesFileQuery = defineQuery(
  'queries.stats.messages-file',
  z.object({
    mailingId: z.uuid(),
    status: messageStatus.optional(),
    format: fileFormat,
    after: z.int().nullable(),
  }),
  z.object({ text: z.string(), next: z.int().nullable() }),
);
