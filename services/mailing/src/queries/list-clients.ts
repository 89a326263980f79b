import type { Client, clientsQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { findUnreadableZones } from '../clients/unreadable-zones.ts';
import type { Dependencies } from '../dependencies.ts';
import { currentPosition } from './current-position.ts';
import { cutPage } from './page.ts';

/** The directory in the order of the ids, those that fit the given attributes. */
export async function listClients(
  { database }: Dependencies,
  { operatorCode, tag, phone, unreadableTimezone, limit, after }: z.infer<typeof clientsQuery.request>,
): Promise<z.infer<typeof clientsQuery.reply>> {
  const { asOf } = await currentPosition(database);
  let query = database
    .selectFrom('client')
    .select(['id', 'phone', 'operator_code', 'tag', 'timezone', 'version', 'created_at', 'updated_at'])
    .orderBy('id')
    .limit(limit + 1);
  if (after !== null) query = query.where('id', '>', after);
  if (operatorCode !== undefined) query = query.where('operator_code', '=', operatorCode);
  if (tag !== undefined) query = query.where('tag', '=', tag);
  if (phone !== undefined) query = query.where('phone', '=', phone);
  if (unreadableTimezone === true) {
    const zones = [...(await findUnreadableZones(database)).keys()];
    query = query.where(sql<boolean>`timezone = any(${zones}::text[])`);
  }
  const rows = await query.execute();
  const clients = rows.map(
    (row): Client => ({
      id: row.id,
      phone: row.phone,
      operatorCode: row.operator_code,
      tag: row.tag,
      timezone: row.timezone,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    }),
  );
  return { ...cutPage(clients, limit, (client) => client.id), asOf };
}
