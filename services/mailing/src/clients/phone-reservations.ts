import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** A phone that a command wants for a client. */
export interface PhoneClaim {
  readonly phone: string;
  readonly clientId: string;
}

/** Whose the wanted phones are, after the command has claimed those that were free: the owner by phone. */
export type PhoneOwners = ReadonlyMap<string, string>;

/**
 * Claims phones for clients that are new, all or the free ones of them: taken ones stay whose they are. Claiming again
 * for the same client changes nothing. The command's id stays in the row until the event that uses the phone is folded.
 *
 * @param claims no phone twice
 */
export async function claimPhones(
  database: Kysely<Tables>,
  claims: readonly PhoneClaim[],
  commandId: string,
): Promise<PhoneOwners> {
  const phones = claims.map((claim) => claim.phone);
  const claimed = await sql<ReservationRow>`
    insert into phone_reservation (phone, client_id, command_id)
    select phone, client_id, ${commandId}::uuid
    from unnest(${phones}::text[], ${claims.map((claim) => claim.clientId)}::uuid[]) as wanted (phone, client_id)
    order by phone
    on conflict (phone) do nothing
    returning phone, client_id`.execute(database);
  if (claimed.rows.length === claims.length) return ownersOf(claimed.rows);
  // A statement of its own: the insert's snapshot does not show what others committed while it waited for them.
  const all = await sql<ReservationRow>`
    select phone, client_id from phone_reservation where phone = any(${phones}::text[])`.execute(database);
  return ownersOf(all.rows);
}

interface ReservationRow {
  readonly phone: string;
  readonly client_id: string;
}

const ownersOf = (rows: readonly ReservationRow[]): PhoneOwners =>
  new Map(rows.map((row) => [row.phone, row.client_id]));

/**
 * Claims a phone for a client that has another one. Where the client had this one before, the release of it may still
 * be on its way: the command's id in the row keeps it from taking the phone from under the command.
 *
 * @returns whose the phone is, undefined where it has become free meanwhile
 */
export async function claimOtherPhone(
  database: Kysely<Tables>,
  claim: PhoneClaim,
  commandId: string,
): Promise<string | undefined> {
  await sql`
    update phone_reservation set command_id = ${commandId}
    where phone = ${claim.phone} and client_id = ${claim.clientId}`.execute(database);
  return (await claimPhones(database, [claim], commandId)).get(claim.phone);
}

/**
 * Gives a phone back that a command had claimed and does not use.
 *
 * @param isUsed the client has the phone in the log, by another command: then it keeps it, and only the claim ends
 */
export async function releaseClaim(
  database: Kysely<Tables>,
  claim: PhoneClaim,
  commandId: string,
  isUsed: boolean,
): Promise<void> {
  const mine = sql`phone = ${claim.phone} and client_id = ${claim.clientId} and command_id = ${commandId}`;
  if (isUsed) await sql`update phone_reservation set command_id = null where ${mine}`.execute(database);
  else await sql`delete from phone_reservation where ${mine}`.execute(database);
}
