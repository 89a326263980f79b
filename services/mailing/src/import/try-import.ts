import type { ImportRow } from '@herald/contracts';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import type { ImportCommand } from './import-command.ts';
import type { ImportTally } from './import-tally.ts';
import { IS_KNOWN, splitByPhone, takeCanonical } from './rows.ts';

/**
 * Counts what a chunk would come to, and writes nothing into the directory or the log. Phones that stand twice in the file
 * are found by a table: in memory their number would have no bound. Chunks that share a phone come one after another, as
 * in an import, so the first line of the file is the one that would register the client. Tried again after a crash a chunk
 * finds the lines that it has noted itself.
 */
export async function tryImport(
  { database }: Dependencies,
  command: ImportCommand,
  tally: ImportTally,
): Promise<void> {
  const { first, repeated } = splitByPhone(takeCanonical(command.data.rows, tally));
  const taken = await findTaken(database, first);
  const free = first.filter(({ phone }) => !taken.has(phone));
  const lines = await noteLines(database, command, free);
  const isNew = ({ phone, line }: ImportRow): boolean => lines.get(phone) === line;
  tally.registered += free.filter(isNew).length;
  const known = [...first.filter((row) => !isNew(row)), ...repeated];
  if (command.data.onDuplicate === 'update') tally.updated += known.length;
  else for (const row of known) tally.reject(row, IS_KNOWN);
}

/** Those of the phones that somebody has, or is about to get. */
async function findTaken(database: Kysely<Tables>, rows: readonly ImportRow[]): Promise<ReadonlySet<string>> {
  const { rows: taken } = await sql<{ phone: string }>`
    select phone from phone_reservation
    where phone = any(${rows.map(({ phone }) => phone)}::text[])`.execute(database);
  return new Set(taken.map(({ phone }) => phone));
}

/** In which line of the file each phone stands first. The import is noted with them: they are deleted by its age. */
async function noteLines(
  database: Kysely<Tables>,
  { data, time }: ImportCommand,
  rows: readonly ImportRow[],
): Promise<ReadonlyMap<string, number>> {
  const phones = rows.map(({ phone }) => phone);
  await sql`
    with noted as (
      insert into client_import (id, on_duplicate, dry_run, started_at)
      values (${data.importId}, ${data.onDuplicate}, true, ${data.startedAt ?? time})
      on conflict (id) do nothing
    )
    insert into import_phone (import_id, phone, line)
    select ${data.importId}::uuid, * from unnest(${phones}::text[], ${rows.map(({ line }) => line)}::int[])
    on conflict do nothing`.execute(database);
  const { rows: noted } = await sql<{ phone: string; line: number }>`
    select phone, line from import_phone
    where import_id = ${data.importId} and phone = any(${phones}::text[])`.execute(database);
  return new Map(noted.map(({ phone, line }) => [phone, line]));
}
