import { z } from 'zod';
import { commandResult, importSummary } from '../command-result.ts';
import { client } from '../entities/client.ts';
import { mailing, mailingFilter, mailingStatus } from '../entities/mailing.ts';
import { instant } from '../time.ts';
import { defineQuery, pageLimit, pageOf } from './define-query.ts';

/** The result of a command, if it was carried out. */
export const commandQuery = defineQuery(
  'queries.mailing.command',
  z.object({
    commandId: z.uuid(),
    /** Where the events of its entity stand: there a result is found that is not folded yet, without waiting for the fold. */
    subject: z.string().optional(),
    /**
     * True when absent: `null` then means that the command was not carried out. Where no subject is given the answer waits
     * until what stands in the log now is folded. `false`: what was just carried out may be missing.
     */
    upToDate: z.boolean().optional(),
  }),
  z.object({ result: commandResult.nullable() }),
);

/** What the chunks of an import have led to so far. */
export const importQuery = defineQuery(
  'queries.mailing.import',
  z.object({ importId: z.uuid() }),
  z.object({ chunksDone: z.int(), summary: importSummary }),
);

/**
 * The mailings that are open (started and not settled), with the position of their start, in the order of their ids.
 * `sequence` is the position in the log that the answer is current to; whoever pages keeps that of the first page.
 */
export const openMailingsQuery = defineQuery(
  'queries.mailing.open',
  z.object({ after: z.uuid().nullable() }),
  z.object({
    sequence: z.int().nonnegative(),
    mailings: z.array(z.object({ id: z.uuid(), startedSequence: z.int() })),
    next: z.uuid().nullable(),
  }),
);

/** A mailing whose start or end is still to come. */
export const pendingMailing = z.object({
  id: z.uuid(),
  status: z.enum(['scheduled', 'running', 'paused']),
  startAt: instant,
  endAt: instant,
});

/** The mailings whose start or end is still to come, for the scheduler. Paged like the open ones. */
export const pendingMailingsQuery = defineQuery(
  'queries.mailing.pending',
  z.object({ after: z.uuid().nullable() }),
  z.object({
    sequence: z.int().nonnegative(),
    mailings: z.array(pendingMailing),
    next: z.uuid().nullable(),
  }),
);

/** Phones and time zones of a batch's clients, as they are now. Who was removed is missing in the answer. */
export const recipientsQuery = defineQuery(
  'queries.mailing.recipients',
  z.object({ clientIds: z.array(z.uuid()).min(1) }),
  z.object({
    recipients: z.array(z.object({ id: z.uuid(), phone: z.string(), timezone: z.string() })),
  }),
);

/** The directory, in the order of the ids. */
export const clientsQuery = defineQuery(
  'queries.mailing.clients',
  z.object({
    operatorCode: z.string().optional(),
    tag: z.string().optional(),
    phone: z.string().optional(),
    /** Only clients whose stored time zone no local window can be read in. */
    unreadableTimezone: z.literal(true).optional(),
    limit: pageLimit,
    after: z.uuid().nullable(),
  }),
  pageOf(client, z.uuid()),
);

/** Where a page of mailings begins: they come newest first. */
export const mailingCursor = z.object({ createdAt: instant, id: z.uuid() });

export const mailingsQuery = defineQuery(
  'queries.mailing.mailings',
  z.object({ status: mailingStatus.optional(), limit: pageLimit, after: mailingCursor.nullable() }),
  pageOf(mailing, mailingCursor),
);

/** Who would be addressed by a filter now. */
export const previewQuery = defineQuery(
  'queries.mailing.preview',
  z.object({ filter: mailingFilter }),
  z.object({ clients: z.int(), byTimezone: z.record(z.string(), z.int()), asOf: z.string() }),
);
