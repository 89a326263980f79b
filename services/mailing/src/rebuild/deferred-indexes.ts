import { answeredWithin } from '@herald/postgres';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { REBUILD_SCHEMA } from './schemas.ts';

/** The table whose indexes cost most while rows are written one chunk after another, and are not read. */
const TABLE = 'client';
const NOTES = sql`${sql.id(REBUILD_SCHEMA, 'deferred_index')}`;

/** Drops the indexes that no fold reads, in one transaction with what it takes to make them again. */
export async function deferIndexes(database: Kysely<Tables>): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`create table ${NOTES} (name text primary key, definition text not null)`.execute(transaction);
    const { rows } = await sql<{ name: string }>`
      insert into ${NOTES} select relname, pg_get_indexdef(i.indexrelid)
      from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = ${`${REBUILD_SCHEMA}.${TABLE}`}::regclass and not i.indisunique
      returning name`.execute(transaction);
    for (const { name } of rows) await sql`drop index ${sql.id(REBUILD_SCHEMA, name)}`.execute(transaction);
  });
}

/** Makes them, all at once: seconds a million clients. Nothing is to be done where they are there. */
export async function makeDeferredIndexes(database: Kysely<Tables>): Promise<void> {
  const { rows: tables } = await sql<{ is_there: boolean }>`
    select to_regclass(${`${REBUILD_SCHEMA}.deferred_index`}) is not null as is_there`.execute(database);
  if (tables[0]?.is_there !== true) return;
  await answeredWithin(0, () =>
    database.transaction().execute(async (transaction) => {
      await sql`set local statement_timeout = 0`.execute(transaction);
      const { rows } = await sql<{ definition: string }>`
        select definition from ${NOTES} order by name`.execute(transaction);
      for (const { definition } of rows) await sql.raw(definition).execute(transaction);
      await sql`drop table ${NOTES}`.execute(transaction);
    }),
  );
}
