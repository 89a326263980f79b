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
 * Claims phones for clients, all or the free ones of them: taken ones stay whose they are. Claiming again for the same
 * client is harmless. The command's id stays in the row until the event that uses the phone is folded, so that no
 * release on the way takes the phone from under the command.
 *
 * @param claims no phone twice
 */
export async function claimPhones(
  database: Kysely<Tables>,
  claims: readonly PhoneClaim[],
  commandId: string,
): Promise<PhoneOwners> {
  const phones = claims.map((claim) => claim.phone);
  await sql`
    insert into phone_reservation (phone, client_id, command_id)
    select phone, client_id, ${commandId}::uuid
    from unnest(${phones}::text[], ${claims.map((claim) => claim.clientId)}::uuid[]) as wanted (phone, client_id)
    order by phone
    on conflict (phone) do update set command_id = excluded.command_id
    where phone_reservation.client_id = excluded.client_id`.execute(database);
  const { rows } = await sql<{ phone: string; client_id: string }>`
    select phone, client_id from phone_reservation where phone = any(${phones}::text[])`.execute(database);
  return new Map(rows.map((row) => [row.phone, row.client_id]));
}

/** Gives a phone back that a command had claimed and does not use, unless its client has it by another command. */
export async function releaseClaim(
  database: Kysely<Tables>,
  claim: PhoneClaim,
  commandId: string,
): Promise<void> {
  await sql`
    delete from phone_reservation r
    where r.phone = ${claim.phone} and r.client_id = ${claim.clientId} and r.command_id = ${commandId}
      and not exists (select from client c where c.id = r.client_id and c.phone = r.phone)`.execute(database);
}
