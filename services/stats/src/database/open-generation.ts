import { migrate, openDatabase } from '@herald/postgres';
import type { Runtime } from '@herald/service-kit';
import { type Kysely, sql } from 'kysely';
import type { StatsConfig } from '../config.ts';
import { FIRST_TABLES, migrations, OUTCOMES_BY_BATCH, pointerMigrations } from './migrations.ts';
import type { Tables } from './tables.ts';

/** The read model was made with another number of lanes. */
export class LayoutMismatchError extends Error {
  override readonly name = 'LayoutMismatchError';
}

const POINTER_SCHEMA = 'stats';

/** A generation of the read models: a schema of its own. */
export interface Generation {
  readonly number: number;
  readonly schema: string;
  readonly database: Kysely<Tables>;
  /** Makes the schema and its tables where they are missing; the folds then begin at the first event. */
  readonly prepare: () => Promise<void>;
}

/**
 * Opens the generation that the pointer names, making pointer and schema where they are not there yet.
 *
 * @throws LayoutMismatchError; the driver's errors when the database is away
 */
export async function openGeneration(runtime: Runtime, config: StatsConfig): Promise<Generation> {
  const number = await readPointer(config.DATABASE_URL, runtime.instance);
  const schema = `stats_${number}`;
  const database = openDatabase<Tables>({
    url: config.DATABASE_URL,
    schema,
    connections: config.DATABASE_CONNECTIONS,
    name: runtime.instance,
    say: (event, details) => runtime.log.warn(details, event),
  });
  const prepare = async (): Promise<void> => {
    sayIfEmptied(runtime, schema, await migrate(database, schema, migrations));
    await settleLayout(database, schema, config.STATS_LANES);
  };
  try {
    await prepare();
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return { number, schema, database, prepare };
}

/** An installation moves over by folding its log anew. */
function sayIfEmptied({ log }: Runtime, schema: string, run: readonly string[]): void {
  if (!run.includes(OUTCOMES_BY_BATCH) || run.includes(FIRST_TABLES)) return;
  log.warn(
    { schema, migrations: run },
    'the statistics are of an older release: they were emptied and are folded again from the first event of the log; ' +
      'until that is done answers say with asOf how far they have come',
  );
}

/** A generation keeps the number of lanes that it was made with. */
async function settleLayout(database: Kysely<Tables>, schema: string, lanes: number): Promise<void> {
  await sql`insert into layout (lanes) values (${lanes}) on conflict do nothing`.execute(database);
  const { rows } = await sql<{ lanes: number }>`select lanes from layout`.execute(database);
  const made = rows[0]?.lanes;
  if (made !== lanes) {
    throw new LayoutMismatchError(
      `${schema} was made with ${made} lanes, STATS_LANES is ${lanes}: set it back, or drop the schema to fold the log anew`,
    );
  }
}

/** An emptied pointer names the newest generation that is there, or the first. */
async function pointToNewest(database: Kysely<unknown>): Promise<void> {
  await sql`
    insert into pointer (generation)
    select coalesce(max(substring(nspname from '^stats_([0-9]{1,9})$')::int), 1) from pg_namespace
    on conflict do nothing`.execute(database);
}

async function readPointer(url: string, name: string): Promise<number> {
  const database = openDatabase({ url, schema: POINTER_SCHEMA, connections: 1, name });
  try {
    await migrate(database, POINTER_SCHEMA, pointerMigrations);
    await pointToNewest(database);
    const { rows } = await sql<{ generation: number }>`select generation from pointer`.execute(database);
    const row = rows[0];
    if (row === undefined) throw new Error('the pointer to the generation vanished');
    return row.generation;
  } finally {
    await database.destroy();
  }
}
