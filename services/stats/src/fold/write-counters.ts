import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Tally } from './tally.ts';

/** Adds a portion's sums to the counters of a lane. */
export async function writeCounters(
  transaction: Transaction<Tables>,
  lane: number,
  { counters }: Tally,
): Promise<void> {
  if (counters.size === 0) return;
  const changes = [...counters.values()];
  const count = (status: keyof (typeof changes)[number]['counts']): number[] =>
    changes.map((c) => c.counts[status]);
  await sql`
    insert into counter (lane, mailing_id, queued, sent, failed, expired, cancelled, unknown, retries,
      first_sent_at, last_sent_at)
    select ${lane}::smallint, * from unnest(
      ${[...counters.keys()]}::uuid[], ${count('queued')}::bigint[], ${count('sent')}::bigint[],
      ${count('failed')}::bigint[], ${count('expired')}::bigint[], ${count('cancelled')}::bigint[],
      ${count('unknown')}::bigint[], ${changes.map((c) => c.retries)}::bigint[],
      ${changes.map((c) => c.firstSentAt)}::timestamptz[], ${changes.map((c) => c.lastSentAt)}::timestamptz[])
    on conflict (mailing_id, lane) do update set
      queued = counter.queued + excluded.queued, sent = counter.sent + excluded.sent,
      failed = counter.failed + excluded.failed, expired = counter.expired + excluded.expired,
      cancelled = counter.cancelled + excluded.cancelled, unknown = counter.unknown + excluded.unknown,
      retries = counter.retries + excluded.retries,
      first_sent_at = least(counter.first_sent_at, excluded.first_sent_at),
      last_sent_at = greatest(counter.last_sent_at, excluded.last_sent_at)`.execute(transaction);
}

/** Adds a portion's sums to the minutes of a lane. */
export async function writeTimeline(
  transaction: Transaction<Tables>,
  lane: number,
  { minutes }: Tally,
): Promise<void> {
  if (minutes.size === 0) return;
  const changes = [...minutes.values()];
  const count = (status: keyof (typeof changes)[number]['counts']): number[] =>
    changes.map((c) => c.counts[status]);
  await sql`
    insert into timeline (lane, mailing_id, at, sent, failed, expired, cancelled, unknown)
    select ${lane}::smallint, * from unnest(
      ${changes.map((c) => c.mailingId)}::uuid[], ${changes.map((c) => c.at)}::timestamptz[],
      ${count('sent')}::bigint[], ${count('failed')}::bigint[], ${count('expired')}::bigint[],
      ${count('cancelled')}::bigint[], ${count('unknown')}::bigint[])
    on conflict (mailing_id, at, lane) do update set
      sent = timeline.sent + excluded.sent, failed = timeline.failed + excluded.failed,
      expired = timeline.expired + excluded.expired, cancelled = timeline.cancelled + excluded.cancelled,
      unknown = timeline.unknown + excluded.unknown`.execute(transaction);
}
