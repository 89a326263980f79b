import type { ClientEvent } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { releaseReservations } from './directory-changes.ts';

/**
 * What a client's event means for reserved phones where a later event of the client has told its state: the command behind it is
 * no longer under way, and no phone stays reserved that the client has left.
 */
export async function leavePhones(
  transaction: Transaction<Tables>,
  { type, data }: ClientEvent,
  commandId: string | null,
): Promise<void> {
  const { client } = data;
  if (commandId !== null) {
    await sql`
      update phone_reservation set command_id = null
      where command_id = ${commandId} and client_id = ${client.id}`.execute(transaction);
  }
  const phones = type === 'ClientChanged' ? [client.phone, data.previousPhone] : [client.phone];
  await releaseReservations(
    transaction,
    phones.flatMap((phone) => (phone === null ? [] : [{ clientId: client.id, phone }])),
  );
}

/** The client that has got an event's phone by a later event of its own; `null` where there is none. */
export async function findLaterOwner(
  transaction: Transaction<Tables>,
  { data: { client } }: ClientEvent,
  position: number,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select owner.id from phone_reservation r join client owner on owner.id = r.client_id and owner.phone = r.phone
    where r.phone = ${client.phone} and owner.id <> ${client.id} and owner.position > ${position}`.execute(
    transaction,
  );
  return rows[0]?.id ?? null;
}

export async function reservePhone(
  transaction: Transaction<Tables>,
  phone: string,
  clientId: string,
): Promise<void> {
  await sql`
    update phone_reservation set client_id = ${clientId}, command_id = null where phone = ${phone}`.execute(
    transaction,
  );
}
