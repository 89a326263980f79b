import { eventSubjects, type whyQuery } from '@herald/contracts';
import { type QueryExecutorProvider, sql } from 'kysely';
import type { z } from 'zod';
import { readOutcome } from '../../database/batch-outcomes.ts';
import type { Dependencies } from '../../dependencies.ts';
import { inServed } from '../../generations/in-served.ts';
import { readAsOf } from '../as-of.ts';
import { readHistory } from '../message-history/read-history.ts';
import { type MessageRow, messageOf } from '../message-row.ts';
import { readMessages } from '../read-messages.ts';
import { explain } from './explain.ts';
import type { Facts, MessageFacts, Source } from './facts.ts';
import { gatherClient, readClient } from './gather-client.ts';
import { gatherMailing, readMailing } from './gather-mailing.ts';
import { newestOn } from './read-events.ts';

type Request = z.infer<typeof whyQuery.request>;

/** Why a client got a mailing or did not, as of what the statistics have read: each reason with the event that says so. */
export async function why(
  { database, runtime: { broker }, runtime }: Dependencies,
  { mailingId, clientId }: Request,
  now: Date = new Date(),
): Promise<z.infer<typeof whyQuery.reply>> {
  const [mailingInLog, clientInLog] = await Promise.all([
    newestOn(broker, eventSubjects.mailing(mailingId)),
    newestOn(broker, eventSubjects.client(clientId)),
  ]);
  if (mailingInLog === null) return { kind: 'missing', what: 'mailing' };
  if (clientInLog === null) return { kind: 'missing', what: 'client' };
  const known = await inServed(database, async (transaction) => {
    const mailing = await readMailing(transaction, mailingId);
    const start = mailing?.newest.get('MailingStarted')?.position ?? null;
    const subject = eventSubjects.client(clientId);
    return {
      mailing,
      start,
      client: await readClient(transaction, clientId, subject, start),
      rows: await readMessages(transaction, { firstId: 1, mailingId, clientId, limit: 1 }),
      unreadable: await readParked(transaction, mailingId, clientId),
      asOf: await readAsOf(transaction),
    };
  });
  const [row] = known.rows;
  const [mailing, client, message] = await Promise.all([
    known.mailing === null ? null : gatherMailing(broker, known.mailing),
    gatherClient(broker, known.client, clientInLog, known.start),
    row === undefined ? null : gatherMessage(runtime, row),
  ]);
  const facts: Facts = { now, mailing, mailingInLog, client, message, unreadable: known.unreadable };
  const { outcome, reasons } = explain(facts);
  const shown = row === undefined ? null : messageOf(row);
  return {
    kind: 'explained',
    explanation: { outcome, reasons: [...reasons], message: shown, asOf: known.asOf },
  };
}

/** The history may be ahead of the statistics: it is told as far as these go, so that the two agree. */
async function gatherMessage(runtime: Dependencies['runtime'], row: MessageRow): Promise<MessageFacts> {
  const { status, position, endedAt } = readOutcome(row.outcome);
  const until = Math.max(position, row.queued_sequence);
  const history = await readHistory(runtime, row);
  return {
    status,
    timezone: row.timezone,
    position: until,
    at: (endedAt ?? row.created_at).toISOString(),
    history: history.filter((entry) => entry.position <= until),
  };
}

/** So many are looked at: what is parked is few, or everything. */
const MOST_PARKED = 20;

async function readParked(
  transaction: QueryExecutorProvider,
  mailingId: string,
  clientId: string,
): Promise<Source[]> {
  const { rows } = await sql<{ sequence: number; parked_at: Date }>`
    select sequence, parked_at from parked_event
    where subject like ${`events.%.message.${mailingId}.%`}
      or subject in (${eventSubjects.mailing(mailingId)}, ${eventSubjects.client(clientId)})
    order by sequence limit ${MOST_PARKED}`.execute(transaction);
  return rows.map(({ sequence, parked_at }) => ({
    event: null,
    position: sequence,
    at: parked_at.toISOString(),
  }));
}
