import { createFoldTables } from '@herald/postgres';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Numbered, run in order, never edited once released. */
export const migrations: Record<string, Migration> = {
  '0001_messages_and_counters': { up: createFirstTables },
};

/** The one row that says which generation is served. */
export const pointerMigrations: Record<string, Migration> = {
  '0001_pointer': {
    up: async (database: Kysely<unknown>) => {
      await sql`create table pointer (only_row boolean primary key default true check (only_row), generation int not null)`.execute(
        database,
      );
      await sql`insert into pointer (generation) values (1)`.execute(database);
    },
  },
};

async function createFirstTables(database: Kysely<unknown>): Promise<void> {
  await createFoldTables(database);
  for (const statement of FIRST_TABLES) await sql.raw(statement).execute(database);
}

const FIRST_TABLES = [
  // Into how many lanes this generation is cut; checkpoints of one cut mean nothing in another.
  'create table layout (only_row boolean primary key default true check (only_row), lanes int not null)',
  `create table mailing (
     id uuid primary key,
     name text,
     status text not null,
     created_at timestamptz not null,
     audience_messages bigint,
     settled boolean not null
   )`,
  'create index mailing_newest on mailing (created_at desc, id desc)',
  `create table batch (
     mailing_id uuid not null,
     batch int not null,
     queued_sequence bigint not null,
     primary key (mailing_id, batch)
   )`,
  // A message changes once or a few times after it was written. No index holds a column that changes, and every page
  // keeps room, so that an update stays in its page and touches no index (HOT).
  `create table message (
     id bigint primary key,
     mailing_id uuid not null,
     client_id uuid not null,
     batch int not null,
     status smallint not null,
     attempts int not null,
     created_at timestamptz not null,
     ended_at timestamptz,
     error text
   ) with (fillfactor = 70)`,
  'create index message_of_mailing on message (mailing_id, id)',
  'create index message_of_client on message (client_id, id)',
  `create table counter (
     lane smallint not null,
     mailing_id uuid not null,
     queued bigint not null default 0,
     sent bigint not null default 0,
     failed bigint not null default 0,
     expired bigint not null default 0,
     cancelled bigint not null default 0,
     unknown bigint not null default 0,
     retries bigint not null default 0,
     first_sent_at timestamptz,
     last_sent_at timestamptz,
     primary key (mailing_id, lane)
   ) with (fillfactor = 50)`,
  `create table timeline (
     lane smallint not null,
     mailing_id uuid not null,
     at timestamptz not null,
     sent bigint not null default 0,
     failed bigint not null default 0,
     expired bigint not null default 0,
     cancelled bigint not null default 0,
     unknown bigint not null default 0,
     primary key (mailing_id, at, lane)
   ) with (fillfactor = 50)`,
];
