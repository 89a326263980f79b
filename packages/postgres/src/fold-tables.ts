import { type Kysely, sql, type Transaction } from 'kysely';

/** What every fold keeps beside its model; part of each schema's first migration. */
export interface FoldTables {
  checkpoint: {
    name: string;
    /** The last position that is folded; 0 before the first. */
    sequence: number;
    /** When the stream was made: another time means another log. */
    stream_created: string;
    last_event_id: string | null;
    /** When the last folded event was stored. */
    as_of: Date;
    /** The same once more, see {@link refuseOlderFolds}. */
    confirmed_as_of: Date;
  };
  parked_event: {
    fold: string;
    sequence: number;
    subject: string;
    error: string;
    text: string;
    parked_at: Date;
  };
}

/** Makes the tables in the schema of the connection as the first release knew them; {@link refuseOlderFolds} follows. */
export async function createFoldTables(database: Kysely<unknown> | Transaction<unknown>): Promise<void> {
  await sql`
    create table checkpoint (
      name text primary key,
      sequence bigint not null,
      stream_created text not null,
      last_event_id uuid,
      as_of timestamptz not null
    )`.execute(database);
  await sql`
    create table parked_event (
      fold text not null,
      sequence bigint not null,
      subject text not null,
      error text not null,
      text text not null,
      parked_at timestamptz not null default now(),
      primary key (fold, sequence)
    )`.execute(database);
}

/**
 * Keeps instances of releases before this one from folding, part of a schema's second migration: in a rolling upgrade they
 * would write rows as they know them, and park what their statements cannot write. The constraint holds only where both
 * columns are written together, and they know one of them: each of their transactions fails as a whole and is tried again,
 * and an instance of this release gets the lock. A later migration that older releases must not fold beside renames the
 * column.
 */
export async function refuseOlderFolds<Tables>(
  database: Kysely<Tables> | Transaction<Tables>,
): Promise<void> {
  await sql`alter table checkpoint add column confirmed_as_of timestamptz`.execute(database);
  await sql`update checkpoint set confirmed_as_of = as_of`.execute(database);
  await sql`
    alter table checkpoint add constraint a_newer_release_has_taken_over
      check (confirmed_as_of is not distinct from as_of)`.execute(database);
}
