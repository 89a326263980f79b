import { type Kysely, sql } from 'kysely';
import { KEPT_DAYS } from '../commands/command-results.ts';
import type { Tables } from '../database/tables.ts';

/** Millions of phones in one statement would take longer than a statement may. */
const PHONES_AT_ONCE = 20_000;

/**
 * Deletes imports that are older than promised, and the phones of dry runs that nobody needs any more: all of their chunks
 * are carried out, or they are as old. The phones go first, or nobody would know whose they are.
 */
export async function forgetImports(database: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from client_import i
    where dry_run and exists (select from import_phone where import_id = i.id) and (
      created_at < now() - make_interval(days => ${KEPT_DAYS})
      or chunks <= (select count(*) from command_result where import_id = i.id))`.execute(database);
  for (const { id } of rows) await forgetPhones(database, id);
  await sql`
    delete from client_import i where created_at < now() - make_interval(days => ${KEPT_DAYS})
      and not exists (select from import_phone where import_id = i.id)`.execute(database);
}

async function forgetPhones(database: Kysely<Tables>, importId: string): Promise<void> {
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      delete from import_phone where import_id = ${importId} and phone = any(array(
        select phone from import_phone where import_id = ${importId} limit ${PHONES_AT_ONCE}))`.execute(
      database,
    );
    if (numAffectedRows < BigInt(PHONES_AT_ONCE)) return;
  }
}
