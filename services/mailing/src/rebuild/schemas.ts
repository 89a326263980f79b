import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** Where the directory is made anew, beside the one that is served. */
export const REBUILD_SCHEMA = 'mailing_rebuild';
/** What was served before, for as long as it takes to drop it. */
export const REPLACED_SCHEMA = 'mailing_replaced';

/**
 * Tables that hold more than the log tells: what commands have claimed and been told, imports, and the rebuilds themselves. They
 * are not replaced by rebuilt ones but mended where those differ.
 */
export const RECORD_TABLES = [
  'phone_reservation',
  'command_result',
  'client_import',
  'import_phone',
  'directory_rebuild',
] as const;

/**
 * Tables that somebody writes, in the order in which transactions come to them: whoever locks all of them in this order waits for
 * a transaction of the fold, and not crosswise with it. A prepared statement locks the table that it writes itself before
 * those that it writes by the way, so the fold comes to reserved phones before it comes to clients. It begins with its checkpoint.
 */
export const WRITTEN_TABLES = [
  'checkpoint',
  'client_before',
  'phone_reservation',
  'client',
  'plan',
  'mailing',
  'message_counter',
  'plan_cut',
  'plan_batch',
  'command_result',
  'client_import',
  'import_phone',
  'directory_rebuild',
  'parked_event',
] as const;

/** Which of some tables a schema has. */
export async function findTables(
  database: Kysely<Tables> | Transaction<Tables>,
  schema: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables
    where schemaname = ${schema} and tablename = any(${names}::text[])`.execute(database);
  return new Set(rows.map(({ name }) => name));
}

export async function dropSchema(database: Kysely<Tables>, schema: string): Promise<void> {
  await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(database);
}
