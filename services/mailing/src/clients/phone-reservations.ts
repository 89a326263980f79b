import { type Kysely, type RawBuilder, sql } from 'kysely';
import { groupedByDatabase } from '../database/group-commit.ts';
import type { Tables } from '../database/tables.ts';
import { untilFolded } from '../queries/current-position.ts';

/** A phone that a command wants for a client. */
export interface PhoneClaim {
  readonly phone: string;
  readonly clientId: string;
}

/** Whose the wanted phones are, after the command has claimed those that were free: the owner by phone. */
export type PhoneOwners = ReadonlyMap<string, string>;

/**
 * Claims phones for clients that are new, all or the free ones of them: taken ones stay whose they are. Claiming again
 * for the same client changes nothing. A phone of which two want to be the first goes to the one that stands before.
 *
 * @returns of each phone its owner; missing where it has become free meanwhile
 */
export async function claimPhones(
  database: Kysely<Tables>,
  claims: readonly PhoneClaim[],
): Promise<PhoneOwners> {
  const phones = claims.map((claim) => claim.phone);
  // What is there is not inserted, for an insert would wait for whoever is changing or deleting it; and only where
  // something was there is it looked whose it is.
  const { rows } = await sql<ReservationRow>`
    with wanted as (
      select * from unnest(${phones}::text[], ${claims.map((claim) => claim.clientId)}::uuid[])
        with ordinality as wanted (phone, client_id, place)
    ), claimed as (
      insert into phone_reservation (phone, client_id)
      select phone, client_id from wanted
      where not exists (select from phone_reservation r where r.phone = wanted.phone)
      order by phone, place
      on conflict (phone) do nothing
      returning phone, client_id
    )
    select phone, client_id from claimed
    union all
    select phone, client_id from phone_reservation
    where (select count(*) from claimed) < ${claims.length} and phone = any(${phones}::text[])`.execute(
    database,
  );
  const owners = new Map(rows.map((row) => [row.phone, row.client_id]));
  const unseen = phones.filter((phone) => !owners.has(phone));
  if (unseen.length === 0) return owners;
  // A statement of its own: the snapshot of the first does not show what others committed while it waited for them.
  const late = await sql<ReservationRow>`
    select phone, client_id from phone_reservation where phone = any(${unseen}::text[])`.execute(database);
  for (const row of late.rows) owners.set(row.phone, row.client_id);
  return owners;
}

interface ReservationRow {
  readonly phone: string;
  readonly client_id: string;
}

/**
 * Claims one phone for a client that is new, together with whoever claims one at the same time.
 *
 * @returns whose the phone is, undefined where it has become free meanwhile
 */
export const claimPhone = groupedByDatabase<PhoneClaim, string | undefined>(async (database, claims) => {
  const owners = await claimPhones(database, claims);
  return claims.map(({ phone }) => owners.get(phone));
});

/**
 * Claims a phone for a client that has another one. Where the client had this one before, the release of it may still
 * be on its way: the command's id in the row keeps it from taking the phone from under the command.
 *
 * @returns whose the phone is, undefined where it has become free meanwhile
 */
export async function claimOtherPhone(
  database: Kysely<Tables>,
  { phone, clientId }: PhoneClaim,
  commandId: string,
): Promise<string | undefined> {
  const mine = await sql`
    insert into phone_reservation (phone, client_id, command_id) values (${phone}, ${clientId}, ${commandId})
    on conflict (phone) do update set command_id = excluded.command_id
    where phone_reservation.client_id = excluded.client_id`.execute(database);
  if (mine.numAffectedRows === 1n) return clientId;
  const { rows } = await sql<ReservationRow>`
    select phone, client_id from phone_reservation where phone = ${phone}`.execute(database);
  return rows[0]?.client_id;
}

/** The directory is behind the log by less than this most of the time, milliseconds; then the command comes again. */
const FOLDED_WITHIN_MS = 5_000;

/**
 * Gives a phone back that was claimed once more for a client that has left it since, as the fold does: it frees phones
 * when they are left, and may have done so before they were claimed. One that a command of the client is claiming, or that
 * the client has gone back to, stays.
 *
 * Waits for the fold: while an event is not folded by which the client had the phone, the fold would take it back from
 * whoever has claimed it since, and then free it, so that two clients could have it.
 *
 * @param position of the last event of the client that is known
 * @throws DirectoryNotReadyError where the directory does not come so far: nothing was given back
 */
export async function releasePhone(
  database: Kysely<Tables>,
  claim: PhoneClaim,
  position: number,
): Promise<void> {
  await untilFolded(database, position, FOLDED_WITHIN_MS);
  await deleteUnused(database, claim, sql`command_id is null`);
}

/**
 * Gives a phone back that a command had claimed for a client that has another one, and does not use. Where the client has
 * the phone by another command it keeps it, and only the claim ends. Waits for the fold as {@link releasePhone} does.
 *
 * @param position of the last event of the client that is known
 * @throws DirectoryNotReadyError where the directory does not come so far: nothing was given back
 */
export async function releaseOtherPhone(
  database: Kysely<Tables>,
  claim: PhoneClaim,
  commandId: string,
  position: number,
): Promise<void> {
  const isMine = sql`phone = ${claim.phone} and client_id = ${claim.clientId} and command_id = ${commandId}`;
  const { rows } = await sql`select from phone_reservation where ${isMine}`.execute(database);
  if (rows.length === 0) return;
  await untilFolded(database, position, FOLDED_WITHIN_MS);
  await deleteUnused(database, claim, sql`command_id = ${commandId}`);
  const kept = await sql`update phone_reservation set command_id = null where ${isMine}`.execute(database);
  // While it was claimed the fold would not have freed it.
  if (kept.numAffectedRows === 1n) await deleteUnused(database, claim, sql`command_id is null`);
}

/** Ends the reservation of a phone that its client does not have, by the directory. */
async function deleteUnused(
  database: Kysely<Tables>,
  { phone, clientId }: PhoneClaim,
  claimed: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    delete from phone_reservation
    where phone = ${phone} and client_id = ${clientId} and ${claimed}
      and not exists (select from client where id = ${clientId} and phone = ${phone})`.execute(database);
}
