import { createFoldTables, refuseOlderFolds } from '@herald/postgres';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Begins a model. */
export const FIRST_TABLES = '0001_messages_and_counters';
/** Empties the model: what it then holds is folded from the log. */
export const OUTCOMES_BY_BATCH = '0002_outcomes_by_batch';

/** Keeps what the state of any past moment is summed up of. */
export const PAST_AND_BREAKDOWNS = '0003_past_and_breakdowns';

/** Numbered, run in order, never edited once released. */
export const migrations: Record<string, Migration> = {
  [FIRST_TABLES]: { up: createFirstTables },
  [OUTCOMES_BY_BATCH]: { up: keepOutcomesByBatch },
  [PAST_AND_BREAKDOWNS]: { up: keepThePast },
  '0004_entities_in_order': { up: indexEntitiesInOrder },
};

async function createFirstTables(database: Kysely<unknown>): Promise<void> {
  await createFoldTables(database);
  for (const statement of FIRST_STATEMENTS) await sql.raw(statement).execute(database);
}

const FIRST_STATEMENTS = [
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

/** Rows of the first tables are not moved over: with the checkpoints gone the folds begin at the first event. */
async function keepOutcomesByBatch(database: Kysely<unknown>): Promise<void> {
  for (const statement of OUTCOMES_BY_BATCH_STATEMENTS) await sql.raw(statement).execute(database);
  await refuseOlderFolds(database);
}

/** What a message of a batch can be; as they were when the migration was written. */
const BATCH_STATUSES = ['queued', 'sent', 'failed', 'expired', 'cancelled', 'unknown'];

const OUTCOMES_BY_BATCH_STATEMENTS = [
  // In the order in which a fold of the release before takes them, so that neither waits for the other.
  'lock table mailing, batch, message, counter, timeline, checkpoint',
  'delete from checkpoint',
  'delete from parked_event',
  'truncate mailing, counter, timeline',
  'drop table message, batch',
  // Written once, when the batch is queued, and never changed: no message has a row of its own (docs/adr/0036). Random
  // ids cannot be compressed, so it is not tried. Not named as the table before it: to a fold of the release before it is
  // a table that is gone, for which no event is to blame.
  `create table queued_batch (
     mailing_id uuid not null,
     batch int not null,
     first_message_id bigint not null,
     messages smallint not null,
     created_at timestamptz not null,
     queued_sequence bigint not null,
     client_ids uuid[] not null,
     primary key (mailing_id, batch),
     exclude using gist (int8range(first_message_id, first_message_id + messages) with &&)
   )`,
  'alter table queued_batch alter column client_ids set storage external',
  'create unique index batch_of_message on queued_batch (first_message_id)',
  'create index batch_in_order on queued_batch (mailing_id, first_message_id)',
  // Clients of a batch are neighbours in this index, so writing at once costs less than a list of what is to be written,
  // and a question has no such list to search.
  'create index batch_of_client on queued_batch using gin (client_ids) with (fastupdate = off)',
  // A batch of the greatest size takes 2.8 kB: stored in the row, where an update stays in its page and touches no index.
  // Which batches have messages of a status is indexed by columns of their own: these change with the first and the last
  // message of a status, where the counts change with each. (A virtual column cannot be indexed.)
  `create table batch_outcomes (
     first_message_id bigint primary key,
     queued smallint not null,
     sent smallint not null,
     failed smallint not null,
     expired smallint not null,
     cancelled smallint not null,
     unknown smallint not null,
     outcomes bytea not null,
     ${BATCH_STATUSES.map((status) => `has_${status} boolean not null generated always as (${status} > 0) stored`).join()}
   ) with (fillfactor = 60, toast_tuple_target = 8160)`,
  'alter table batch_outcomes alter column outcomes set storage main',
  ...BATCH_STATUSES.map(
    (status) => `create index batch_with_${status} on batch_outcomes (first_message_id) where has_${status}`,
  ),
  'create table message_error (message_id bigint primary key, error text not null) with (fillfactor = 70)',
];

/** Runs on empty tables only: a model of an older release is never changed, a new generation is made beside it. */
async function keepThePast(database: Kysely<unknown>): Promise<void> {
  for (const statement of PAST_AND_BREAKDOWNS_STATEMENTS) await sql.raw(statement).execute(database);
}

const PAST_AND_BREAKDOWNS_STATEMENTS = [
  `alter table mailing add column sequence bigint not null, add column started_sequence bigint`,
  `create table mailing_version (
     mailing_id uuid not null,
     sequence bigint not null,
     stored_at bigint not null,
     type text not null,
     name text,
     status text not null,
     audience_messages bigint,
     primary key (mailing_id, sequence)
   )`,
  `create table client_version (
     client_id uuid not null,
     sequence bigint not null,
     stored_at bigint not null,
     operator_code text not null,
     tag text not null,
     timezone text not null,
     removed boolean not null,
     superseded_at bigint,
     primary key (client_id, sequence)
   )`,
  'create index client_version_superseded on client_version (superseded_at) where superseded_at is not null',
  'alter table queued_batch add column timezone text not null',
  'drop table counter, timeline',
  `create table counter (
     lane smallint not null,
     mailing_id uuid not null,
     queued bigint not null,
     sent bigint not null,
     failed bigint not null,
     expired bigint not null,
     cancelled bigint not null,
     unknown bigint not null,
     retries bigint not null,
     first_sent_at bigint,
     last_sent_at bigint,
     primary key (mailing_id, lane)
   ) with (fillfactor = 50)`,
  `create table timeline (
     lane smallint not null,
     mailing_id uuid not null,
     bin bigint not null,
     width int not null,
     sent bigint not null,
     failed bigint not null,
     expired bigint not null,
     cancelled bigint not null,
     unknown bigint not null,
     primary key (mailing_id, bin, width, lane)
   ) with (fillfactor = 50)`,
  // Never changed once written, so every page is full.
  `create table count_change (
     mailing_id uuid not null,
     batch int not null,
     sequence bigint not null,
     stored_at bigint not null,
     bin bigint not null,
     first_sent_at bigint,
     last_sent_at bigint,
     width int not null,
     queued int not null,
     sent int not null,
     failed int not null,
     expired int not null,
     cancelled int not null,
     unknown int not null,
     retries int not null,
     primary key (mailing_id, sequence, bin, width)
   )`,
  // What is new behind a position is found by it, so that a comparison reads no more than that.
  'create index count_change_in_order on count_change (sequence)',
  'create index queued_batch_in_order on queued_batch (queued_sequence)',
  // Where a generation comes from, and whether it was ever served.
  `alter table layout
     add column origin text not null default 'start',
     add column made_at timestamptz not null default now(),
     add column served_at timestamptz`,
];

/**
 * The log of all entities is read in its order. At 1,000,000 clients a page takes 0.2 ms instead of 50 to 140; writing the
 * versions takes 14 % longer, and 22 MB. A BRIN index helps nobody before autovacuum has summarized it.
 */
async function indexEntitiesInOrder(database: Kysely<unknown>): Promise<void> {
  await sql`create index client_version_in_order on client_version (sequence)`.execute(database);
  await sql`create index mailing_version_in_order on mailing_version (sequence)`.execute(database);
}
