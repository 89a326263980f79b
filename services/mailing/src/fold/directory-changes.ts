import type { Client, ClientEvent } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { keepClientsBefore } from '../plan/clients-before.ts';

interface PresentClient {
  readonly client: Client;
  readonly position: number;
}

/** What a row of events makes of the directory and of the reserved phones, gathered to be written at once. */
export class DirectoryChanges {
  #present = new Map<string, PresentClient>();
  #removed = new Set<string>();
  /** Clients whose row changes or goes. */
  #changed = new Set<string>();
  #position = 0;
  #released: Array<{ clientId: string; phone: string }> = [];
  #commands = new Set<string>();

  /** @param position the event's place in the log */
  add(event: ClientEvent, commandId: string | null, position: number): void {
    const { client } = event.data;
    if (commandId !== null) this.#commands.add(commandId);
    this.#position = position;
    switch (event.type) {
      case 'ClientRegistered':
        this.#setPresent(client, position);
        return;
      case 'ClientChanged':
        this.#setPresent(client, position);
        this.#changed.add(client.id);
        if (event.data.previousPhone !== null) this.#release(client.id, event.data.previousPhone);
        return;
      case 'ClientRemoved':
        this.#present.delete(client.id);
        this.#removed.add(client.id);
        this.#changed.add(client.id);
        this.#release(client.id, client.phone);
        return;
      default:
        event satisfies never;
    }
  }

  async write(transaction: Transaction<Tables>): Promise<void> {
    if (this.#present.size === 0 && this.#removed.size === 0) return;
    await keepClientsBefore(transaction, [...this.#changed], this.#position);
    await upsertClients(transaction, [...this.#present.values()], [...this.#commands]);
    if (this.#removed.size > 0 || this.#released.length > 0) {
      await deleteClients(transaction, [...this.#removed]);
      await releaseReservations(transaction, this.#released);
    }
    this.#present = new Map();
    this.#removed = new Set();
    this.#changed = new Set();
    this.#released = [];
    this.#commands = new Set();
  }

  #setPresent(client: Client, position: number): void {
    this.#present.set(client.id, { client, position });
    this.#removed.delete(client.id);
  }

  #release(clientId: string, phone: string): void {
    this.#released.push({ clientId, phone });
  }
}

/**
 * Writes clients as they are now, and what their reservations come to: the commands behind the events are no longer under
 * way. Reservations are made before the events; after a rebuild of the schema it is the events that make them.
 */
async function upsertClients(
  transaction: Transaction<Tables>,
  clients: readonly PresentClient[],
  commands: readonly string[],
): Promise<void> {
  const column = (name: keyof Client): unknown[] => clients.map(({ client }) => client[name]);
  await sql`
    with incoming as materialized (
      select * from unnest(
        ${column('id')}::uuid[], ${column('phone')}::text[], ${column('operatorCode')}::text[], ${column('tag')}::text[],
        ${column('timezone')}::text[], ${column('version')}::int[],
        ${column('createdAt')}::timestamptz[], ${column('updatedAt')}::timestamptz[],
        ${clients.map(({ position }) => position)}::bigint[])
        as incoming (id, phone, operator_code, tag, timezone, version, created_at, updated_at, position)
    ), upserted as (
      insert into client select * from incoming
      on conflict (id) do update set
        phone = excluded.phone, operator_code = excluded.operator_code, tag = excluded.tag,
        timezone = excluded.timezone, version = excluded.version, updated_at = excluded.updated_at,
        position = excluded.position
    ), settled as (
      update phone_reservation set command_id = null
      where command_id = any(${commands}::uuid[])
        and not exists (select from incoming i where i.phone = phone_reservation.phone and i.id <> client_id)
    )
    insert into phone_reservation (phone, client_id)
    select phone, id from incoming
    where not exists (
      select from phone_reservation r where r.phone = incoming.phone and r.client_id = incoming.id)
    order by phone
    on conflict (phone) do update set client_id = excluded.client_id, command_id = null`.execute(transaction);
}

async function deleteClients(transaction: Transaction<Tables>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from client where id = any(${ids}::uuid[])`.execute(transaction);
}

/** Frees phones that their clients have left, unless a command of the same client is claiming one back right now. */
export async function releaseReservations(
  transaction: Transaction<Tables>,
  released: ReadonlyArray<{ clientId: string; phone: string }>,
): Promise<void> {
  if (released.length === 0) return;
  await sql`
    delete from phone_reservation r
    using unnest(${released.map((one) => one.phone)}::text[], ${released.map((one) => one.clientId)}::uuid[])
      as left_behind (phone, client_id)
    where r.phone = left_behind.phone and r.client_id = left_behind.client_id and r.command_id is null
      and not exists (select from client c where c.id = r.client_id and c.phone = r.phone)`.execute(
    transaction,
  );
}
