import { sql, type Transaction } from 'kysely';
import { numberOf, statusOf } from '../database/statuses.ts';
import type { Tables } from '../database/tables.ts';
import { keepsError, type MessageEnd, type MessageRetry, type NewMessage } from './portion.ts';
import type { Tally } from './tally.ts';

/** Writes the messages that became known, those that ended already as ended. */
export async function insertMessages(
  transaction: Transaction<Tables>,
  messages: readonly NewMessage[],
  tally: Tally,
): Promise<void> {
  if (messages.length === 0) return;
  const column = <Value>(value: (message: NewMessage) => Value): Value[] => messages.map(value);
  await sql`
    insert into message (id, mailing_id, client_id, batch, status, attempts, created_at, ended_at, error)
    select * from unnest(
      ${column((m) => m.id)}::bigint[], ${column((m) => m.mailingId)}::uuid[], ${column((m) => m.clientId)}::uuid[],
      ${column((m) => m.batch)}::int[], ${column((m) => numberOf(m.end?.status ?? 'queued'))}::smallint[],
      ${column((m) => m.attempts)}::int[], ${column((m) => m.createdAt)}::timestamptz[],
      ${column((m) => m.end?.at ?? null)}::timestamptz[], ${column((m) => m.error)}::text[])`.execute(
    transaction,
  );
  for (const { mailingId, end } of messages) {
    tally.queued(mailingId);
    if (end !== null) tally.ended(mailingId, end.status, new Date(end.at), new Date(end.at));
  }
}

interface EndedGroup {
  readonly mailing_id: string;
  readonly status: number;
  readonly first: Date;
  readonly last: Date;
  readonly count: number;
}

/** Ends messages that were known before. One that has ended already stays as it is, and no counter moves for it. */
export async function endMessages(
  transaction: Transaction<Tables>,
  ends: ReadonlyMap<number, MessageEnd>,
  tally: Tally,
): Promise<void> {
  if (ends.size === 0) return;
  const values = [...ends.values()];
  const { rows } = await sql<EndedGroup>`
    with ended as (
      update message m
      set status = e.status, ended_at = e.at, attempts = greatest(m.attempts, e.attempts), error = case when e.keeps_error then m.error else e.error end
      from unnest(
        ${[...ends.keys()]}::bigint[], ${values.map((end) => numberOf(end.status))}::smallint[],
        ${values.map((end) => end.at)}::timestamptz[], ${values.map((end) => end.attempts)}::int[],
        ${values.map((end) => end.error)}::text[], ${values.map((end) => keepsError(end.status))}::boolean[])
        as e (id, status, at, attempts, error, keeps_error)
      where m.id = e.id and m.status = ${numberOf('queued')}
      returning m.mailing_id, m.status, m.ended_at
    )
    select mailing_id, status, min(ended_at) as first, max(ended_at) as last, count(*)::int as count
    from ended group by mailing_id, status, date_trunc('minute', ended_at)`.execute(transaction);
  for (const row of rows) {
    const status = statusOf(row.status);
    if (status !== 'queued') tally.ended(row.mailing_id, status, row.first, row.last, row.count);
  }
}

interface RetriedMessage {
  readonly id: number;
  readonly mailing_id: string;
  /** As it stood before this portion. */
  readonly attempts: number;
}

/** Notes the attempts and the last error of messages that are still queued, and counts the attempts that were not known. */
export async function noteRetries(
  transaction: Transaction<Tables>,
  retries: ReadonlyMap<number, MessageRetry>,
  tally: Tally,
): Promise<void> {
  if (retries.size === 0) return;
  const ids = [...retries.keys()];
  const values = [...retries.values()];
  const { rows } = await sql<RetriedMessage>`
    with known as (
      select id, mailing_id, attempts from message
      where id = any(${ids}::bigint[]) and status = ${numberOf('queued')}
      for update
    ), noted as (
      update message m set attempts = greatest(m.attempts, r.attempts), error = r.error
      from unnest(
        ${ids}::bigint[], ${values.map((retry) => Math.max(...retry.attempts))}::int[],
        ${values.map((retry) => retry.error)}::text[]) as r (id, attempts, error), known
      where m.id = r.id and m.id = known.id
    )
    select id, mailing_id, attempts from known`.execute(transaction);
  for (const row of rows) {
    const attempts = retries.get(row.id)?.attempts ?? [];
    tally.retried(row.mailing_id, attempts.filter((attempt) => attempt > row.attempts).length);
  }
}
