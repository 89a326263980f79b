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
  // Whoever is new has nothing else; only what is driven again by itself may have what came later.
  const known = versions.length === 1 ? versions : versions.filter(({ isFirst }) => !isFirst);
  if (known.length > 0) await supersede(transaction, [...new Set(known.map(({ clientId }) => clientId))]);
}

async function supersede(transaction: Transaction<Tables>, clientIds: readonly string[]): Promise<void> {
  await sql`
    update client_version v set superseded_at = n.next
    from (
      select client_id, sequence, lead(sequence) over (partition by client_id order by sequence) as next
      from client_version where client_id = any(${uuidArray(clientIds)}::uuid[])
    ) n
    where v.client_id = n.client_id and v.sequence = n.sequence and v.superseded_at is distinct from n.next`.execute(
    transaction,
  );
}
