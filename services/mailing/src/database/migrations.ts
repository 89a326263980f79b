import { createFoldTables, refuseOlderFolds } from '@herald/postgres';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Numbered, run in order, never edited once released. */
export const migrations: Record<string, Migration> = {
  '0001_directory_plans_and_results': { up: createFirstTables },
  '0002_plans_in_pages': { up: cutPlansInPages },
  '0003_imports': { up: keepImports },
  '0004_plans_from_the_log': { up: takePlansFromTheLog },
};

async function createFirstTables(database: Kysely<unknown>): Promise<void> {
  await createFoldTables(database);
  for (const statement of FIRST_TABLES) await sql.raw(statement).execute(database);
}

async function cutPlansInPages(database: Kysely<unknown>): Promise<void> {
  for (const statement of PLANS_IN_PAGES) await sql.raw(statement).execute(database);
  // They would write clients without a position, and keep none of those that change while a plan is cut.
  await refuseOlderFolds(database);
}

async function keepImports(database: Kysely<unknown>): Promise<void> {
  for (const statement of IMPORTS) await sql.raw(statement).execute(database);
}

async function takePlansFromTheLog(database: Kysely<unknown>): Promise<void> {
  for (const statement of PLANS_FROM_THE_LOG) await sql.raw(statement).execute(database);
}

const FIRST_TABLES = [
  `create table client (
     id uuid primary key,
     phone text not null,
     operator_code text not null,
     tag text not null,
     timezone text not null,
     version int not null,
     created_at timestamptz not null,
     updated_at timestamptz not null
   )`,
  // Not unique: within one chunk of the fold two clients may pass a phone on. phone_reservation is what is unique.
  'create index client_phone on client (phone)',
  'create index client_audience on client (operator_code, tag)',
  'create index client_tag on client (tag)',
  `create table phone_reservation (
     phone text primary key,
     client_id uuid not null,
     command_id uuid
   )`,
  'create index phone_claim on phone_reservation (command_id) where command_id is not null',
  `create table mailing (
     id uuid primary key,
     status text not null,
     created_at timestamptz not null,
     started_sequence bigint,
     settled boolean not null,
     state jsonb not null
   )`,
  'create index mailing_newest on mailing (created_at desc, id desc)',
  'create index mailing_open on mailing (id) where started_sequence is not null and not settled',
  `create table plan (
     mailing_id uuid primary key,
     batches int not null,
     messages bigint not null,
     completed int not null default 0,
     resolved boolean not null default false,
     settled boolean not null default false,
     correlation_id text not null
   )`,
  'create index plan_unsettled on plan (mailing_id) where not settled',
  `create table plan_batch (
     mailing_id uuid not null,
     batch int not null,
     timezone text not null,
     first_message_id bigint not null,
     client_ids uuid[] not null,
     primary key (mailing_id, batch)
   )`,
  'create table message_counter (next bigint not null)',
  'insert into message_counter values (1)',
  `create table command_result (
     command_id uuid primary key,
     import_id uuid,
     fingerprint text not null,
     outcome jsonb not null,
     created_at timestamptz not null default now()
   )`,
  'create index command_result_import on command_result (import_id) where import_id is not null',
  'create index command_result_age on command_result (created_at)',
];

const PLANS_IN_PAGES = [
  // The index of a large directory takes longer than a statement of a service may.
  'set local statement_timeout = 0',
  // What is there already was written before any later start.
  'alter table client add column position bigint not null default 0',
  // By bytes, whatever the locale of the database is: every client that is imported is compared.
  'create index client_zone on client (timezone collate "C", id)',
  `create table client_before (
     id uuid not null,
     from_position bigint not null,
     until_position bigint not null,
     operator_code text not null,
     tag text not null,
     timezone text not null,
     primary key (id, from_position)
   )`,
  'create index client_before_zone on client_before (timezone collate "C", id)',
  `create table plan_cut (
     mailing_id uuid primary key,
     position bigint not null,
     filter jsonb not null,
     first_message_id bigint not null,
     timezones text[] not null,
     clients int[] not null,
     batches_cut int not null default 0,
     last_ids uuid[] not null
   )`,
];

const IMPORTS = [
  // The table is read once for the index.
  'set local statement_timeout = 0',
  `alter table command_result
     add column chunk int,
     add column bad_lines int,
     add column rejected_lines int,
     add column rejected json`,
  'create index command_result_rejected on command_result (import_id, chunk) where rejected is not null',
  `create table client_import (
     id uuid primary key,
     on_duplicate text not null,
     dry_run boolean not null,
     started_at timestamptz not null,
     chunks int,
     received int,
     bad_lines int,
     stopped boolean,
     created_at timestamptz not null default now()
   )`,
  'create index client_import_age on client_import (created_at)',
  `create table import_phone (
     import_id uuid not null,
     phone text not null,
     line int not null,
     primary key (import_id, phone)
   )`,
];

const PLANS_FROM_THE_LOG = [
  // Known of plans that begin from now on; of earlier ones nobody asks any more.
  'alter table plan add column first_message_id bigint',
  'alter table plan_cut alter column first_message_id drop not null',
  'alter table plan_cut add column known_until bigint',
  `create table directory_rebuild (
     id uuid primary key,
     state text not null,
     events bigint not null default 0,
     total bigint not null default 0,
     per_second float8,
     error text,
     differences_found bigint not null default 0,
     differences jsonb not null default '[]',
     started_at timestamptz not null default now(),
     ended_at timestamptz
   )`,
  // One runs at a time.
  'create unique index directory_rebuild_under_way on directory_rebuild ((true)) where ended_at is null',
];
