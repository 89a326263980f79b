import { migrate, openDatabase } from '@herald/postgres';
import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { PAST_AND_BREAKDOWNS } from '../database/migrations.ts';

/** Holds what is of no generation: which one is served, and what is being rebuilt. */
export const POINTER_SCHEMA = 'stats';

export interface PointerTables {
  /** One row. */
  pointer: { generation: number };
}

export const schemaOf = (generation: number): string => `stats_${generation}`;

/** Numbered, run in order, never edited once released. */
const pointerMigrations: Record<string, Migration> = {
  '0001_pointer': {
    up: async (database: Kysely<unknown>) => {
      await sql`create table pointer (only_row boolean primary key default true check (only_row), generation int not null)`.execute(
        database,
      );
      await sql`insert into pointer (generation) values (1)`.execute(database);
    },
  },
  '0002_rebuild': {
    up: async (database: Kysely<unknown>) => {
      await sql`
        create table rebuild (
          only_row boolean primary key default true check (only_row),
          id uuid not null,
          kind text not null,
          state text not null,
          generation int not null,
          lanes smallint not null,
          replaces int not null,
          events bigint not null default 0,
          total bigint not null default 0,
          per_second float8,
          started_at timestamptz not null default now(),
          ended_at timestamptz,
          holds int not null default 0,
          hold_ms int,
          differences jsonb not null default '[]',
          differences_found int not null default 0,
          error text
        )`.execute(database);
    },
  },
};

/** Opens the pool for what is asked, which finds the generation that is served at each question anew. */
export function openReading(url: string, connections: number, name: string): Kysely<PointerTables> {
  return openDatabase<PointerTables>({ url, schema: POINTER_SCHEMA, connections, name });
}

/**
 * Reads which generation is served. A pointer that is missing is made anew and names the newest generation that was
 * served; one that names a model of an older release names a new one from then on, and the older is kept.
 *
 * @throws the driver's errors when the database is away
 */
export async function settlePointer(
  database: Kysely<PointerTables>,
  say: (event: string, details: Record<string, unknown>) => void,
): Promise<number> {
  const named = await readPointer(database);
  if (named !== null && !(await isOfOlderRelease(database, named))) return named;
  // The first migration names generation 1; where there are others already, the pointer was lost.
  const isLost = named === null && !(await isThere(database));
  if (named === null) await migrate(database, POINTER_SCHEMA, pointerMigrations);
  await database.transaction().execute(async (transaction) => {
    await sql`lock table pointer`.execute(transaction);
    const { rows } = await sql<{ generation: number }>`select generation from pointer`.execute(transaction);
    const before = isLost ? null : (rows[0]?.generation ?? null);
    const newest = before ?? (await newestServed(transaction));
    const isOlder = await isOfOlderRelease(transaction, newest);
    const generation = isOlder ? (await newestNumber(transaction)) + 1 : newest;
    if (isOlder)
      say(
        'the statistics are of an older release: a new generation is folded from the first event of the log',
        {
          older: newest,
          generation,
        },
      );
    else if (before === null && (await newestNumber(transaction)) > 0)
      say('the pointer was missing', { generation });
    if (generation !== before) await movePointer(transaction, generation);
  });
  const settled = await readPointer(database);
  if (settled === null) throw new Error('the pointer to the generation vanished');
  return settled;
}

async function isThere(database: QueryExecutorProvider): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass(${`${POINTER_SCHEMA}.pointer`}) is not null as there`.execute(database);
  return rows[0]?.there === true;
}

/** Which generation is served; null where no pointer says so. */
export async function readPointer(database: QueryExecutorProvider): Promise<number | null> {
  const { rows: found } = await sql<{ there: boolean }>`
    select to_regclass(${`${POINTER_SCHEMA}.pointer`}) is not null
      and to_regclass(${`${POINTER_SCHEMA}.rebuild`}) is not null as there`.execute(database);
  if (found[0]?.there !== true) return null;
  const { rows } = await sql<{ generation: number }>`select generation from stats.pointer`.execute(database);
  return rows[0]?.generation ?? null;
}

export async function movePointer(transaction: QueryExecutorProvider, generation: number): Promise<void> {
  await sql`
    insert into stats.pointer (generation) values (${generation})
    on conflict (only_row) do update set generation = excluded.generation`.execute(transaction);
}

/** The greatest number of a generation that is there; 0 without any. */
export async function newestNumber(database: QueryExecutorProvider): Promise<number> {
  return (await generationNumbers(database)).at(-1) ?? 0;
}

/** The generations whose schemas are there, in order. */
export async function generationNumbers(database: QueryExecutorProvider): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select substring(nspname from '^stats_([0-9]{1,9})$')::int as number from pg_namespace
    where nspname ~ '^stats_[0-9]{1,9}$' order by 1`.execute(database);
  return rows.map(({ number }) => number);
}

/** A generation that was made and never served may be half full. */
async function newestServed(transaction: QueryExecutorProvider): Promise<number> {
  const numbers = await generationNumbers(transaction);
  for (const number of numbers.toReversed()) {
    const layout = `${schemaOf(number)}.layout`;
    if (await isOfOlderRelease(transaction, number)) return number;
    const { rows } = await sql<{ served: boolean }>`
      select served_at is not null as served from ${sql.table(layout)}`.execute(transaction);
    if (rows[0]?.served === true) return number;
  }
  return numbers.at(-1) ?? 1;
}

/** Whether a generation has the tables of an older release, which this one neither reads nor changes. */
async function isOfOlderRelease(database: QueryExecutorProvider, generation: number): Promise<boolean> {
  const schema = schemaOf(generation);
  const { rows: found } = await sql<{ there: boolean }>`
    select to_regclass(${`${schema}.kysely_migration`}) is not null as there`.execute(database);
  if (found[0]?.there !== true) return false;
  const { rows } = await sql<{ newer: boolean }>`
    select count(*) = 0 or bool_or(name = ${PAST_AND_BREAKDOWNS}) as newer
    from ${sql.table(`${schema}.kysely_migration`)}`.execute(database);
  return rows[0]?.newer === false;
}
