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

/** Makes the tables of {@link FoldTables} in the schema of the connection. */
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
