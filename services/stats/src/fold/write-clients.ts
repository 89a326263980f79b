import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { ClientVersion } from './client-version.ts';
import { uuidArray } from './uuid-array.ts';

/** Keeps what clients were, each event as a row of its own. */
export async function writeClients(
  transaction: Transaction<Tables>,
  versions: readonly ClientVersion[],
): Promise<void> {
  if (versions.length === 0) return;
  await sql`
    insert into client_version (client_id, sequence, stored_at, operator_code, tag, timezone, removed)
    select * from unnest(
      ${uuidArray(versions.map((v) => v.clientId))}::uuid[], ${versions.map((v) => v.sequence)}::bigint[],
      ${versions.map((v) => v.storedAt)}::bigint[], ${versions.map((v) => v.operatorCode)}::text[],
      ${versions.map((v) => v.tag)}::text[], ${versions.map((v) => v.timezone)}::text[],
      ${versions.map((v) => v.isRemoved)}::boolean[])`.execute(transaction);
}
