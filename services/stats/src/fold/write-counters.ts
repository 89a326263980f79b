import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Tally } from './tally.ts';

/** Adds a chunk's sums to the counters and the minutes of a lane. */
export async function writeCounters(
  transaction: Transaction<Tables>,
  lane: number,
  { counters }: Tally,
): Promise<void> {
  if (counters.size === 0) return;
  const changes = [...counters.values()];
  const minutes = [...counters].flatMap(([mailingId, counter]) =>
    [...counter.minutes].map(([at, counts]) => ({ mailingId, at: new Date(at), counts })),
  );
  const count = (status: keyof (typeof changes)[number]['counts']): number[] =>
    changes.map((c) => c.counts[status]);
  const inMinute = (status: keyof (typeof minutes)[number]['counts']): number[] =>
    minutes.map((m) => m.counts[status]);
  await sql`
    with counted as (
      insert into counter (lane, mailing_id, queued, sent, failed, expired, cancelled, unknown, retries,
        first_sent_at, last_sent_at)
      select ${lane}::smallint, * from unnest(
        ${[...counters.keys()]}::uuid[], ${count('queued')}::bigint[], ${count('sent')}::bigint[],
        ${count('failed')}::bigint[], ${count('expired')}::bigint[], ${count('cancelled')}::bigint[],
        ${count('unknown')}::bigint[], ${changes.map((c) => c.retries)}::bigint[],
        ${changes.map((c) => dateOf(c.firstSentAt))}::timestamptz[],
        ${changes.map((c) => dateOf(c.lastSentAt))}::timestamptz[])
      on conflict (mailing_id, lane) do update set
        queued = counter.queued + excluded.queued, sent = counter.sent + excluded.sent,
        failed = counter.failed + excluded.failed, expired = counter.expired + excluded.expired,
        cancelled = counter.cancelled + excluded.cancelled, unknown = counter.unknown + excluded.unknown,
        retries = counter.retries + excluded.retries,
        first_sent_at = least(counter.first_sent_at, excluded.first_sent_at),
        last_sent_at = greatest(counter.last_sent_at, excluded.last_sent_at)
    )
    insert into timeline (lane, mailing_id, at, sent, failed, expired, cancelled, unknown)
    select ${lane}::smallint, * from unnest(
      ${minutes.map((m) => m.mailingId)}::uuid[], ${minutes.map((m) => m.at)}::timestamptz[],
      ${inMinute('sent')}::bigint[], ${inMinute('failed')}::bigint[], ${inMinute('expired')}::bigint[],
      ${inMinute('cancelled')}::bigint[], ${inMinute('unknown')}::bigint[])
    on conflict (mailing_id, at, lane) do update set
      sent = timeline.sent + excluded.sent, failed = timeline.failed + excluded.failed,
      expired = timeline.expired + excluded.expired, cancelled = timeline.cancelled + excluded.cancelled,
      unknown = timeline.unknown + excluded.unknown`.execute(transaction);
}

const dateOf = (at: number | null): Date | null => (at === null ? null : new Date(at));
