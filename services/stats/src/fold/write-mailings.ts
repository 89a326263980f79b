import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { MailingVersion } from './chunk.ts';
import { storableInstant } from './storable.ts';

/** Writes what mailings are now, and keeps what each event made of them. */
export async function writeMailings(
  transaction: Transaction<Tables>,
  versions: readonly MailingVersion[],
): Promise<void> {
  if (versions.length === 0) return;
  await sql`
    insert into mailing_version (mailing_id, sequence, stored_at, type, name, status, audience_messages)
    select * from unnest(
      ${versions.map((v) => v.mailing.id)}::uuid[], ${versions.map((v) => v.sequence)}::bigint[],
      ${versions.map((v) => v.storedAt)}::bigint[], ${versions.map((v) => v.type)}::text[],
      ${versions.map((v) => v.mailing.name)}::text[], ${versions.map((v) => v.mailing.status)}::text[],
      ${versions.map((v) => v.mailing.audience?.messages ?? null)}::bigint[])`.execute(transaction);
  const newest = [...new Map(versions.map((version) => [version.mailing.id, version])).values()];
  const started = new Map(
    versions.flatMap((v) => (v.type === 'MailingStarted' ? [[v.mailing.id, v.sequence] as const] : [])),
  );
  await sql`
    insert into mailing (id, name, status, created_at, audience_messages, settled, sequence, started_sequence)
    select * from unnest(
      ${newest.map((v) => v.mailing.id)}::uuid[], ${newest.map((v) => v.mailing.name)}::text[],
      ${newest.map((v) => v.mailing.status)}::text[],
      ${newest.map((v) => storableInstant(v.mailing.createdAt))}::timestamptz[],
      ${newest.map((v) => v.mailing.audience?.messages ?? null)}::bigint[],
      ${newest.map((v) => v.mailing.settledAt !== null)}::boolean[], ${newest.map((v) => v.sequence)}::bigint[],
      ${newest.map((v) => started.get(v.mailing.id) ?? null)}::bigint[])
    on conflict (id) do update set
      started_sequence = coalesce(mailing.started_sequence, excluded.started_sequence),
      ${newer(['name', 'status', 'settled', 'audience_messages', 'sequence'])}`.execute(transaction);
}

/** An event that is driven again later than those behind it changes nothing that they say. */
const newer = (columns: readonly string[]) =>
  sql.raw(
    columns
      .map(
        (column) =>
          `${column} = case when excluded.sequence > mailing.sequence then excluded.${column} else mailing.${column} end`,
      )
      .join(', '),
  );
