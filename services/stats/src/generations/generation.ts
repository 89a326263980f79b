import { migrate, openDatabase } from '@herald/postgres';
import { type Kysely, sql } from 'kysely';
import { migrations } from '../database/migrations.ts';
import type { Tables } from '../database/tables.ts';
import { schemaOf } from './pointer.ts';

/** A generation of the read models: a schema of its own. */
export interface Generation {
  readonly number: number;
  readonly schema: string;
  /** Into how many lanes it is cut: checkpoints of one cut mean nothing in another. */
  readonly lanes: number;
  /** For its folds. */
  readonly database: Kysely<Tables>;
  /** Makes the schema and its tables where they are missing; the folds then begin at the first event. */
  readonly prepare: () => Promise<void>;
}

/** How a generation came to be. */
export type Origin = 'start' | 'rebuild' | 'verify';

export interface GenerationOptions {
  readonly url: string;
  readonly number: number;
  /** Where it is made now; one that is there keeps its own. */
  readonly lanes: number;
  readonly origin: Origin;
  readonly connections: number;
  readonly name: string;
  readonly say: (event: string, details: Record<string, unknown>) => void;
  /** Whether anybody wants it still: a schema that was dropped on purpose is not made again. */
  readonly isWanted: () => Promise<boolean>;
}

/** Nobody wants the generation any more. */
export class GenerationDroppedError extends Error {
  override readonly name = 'GenerationDroppedError';
}

/**
 * Opens a generation, making its schema where it is not there yet.
 *
 * @throws GenerationDroppedError; the driver's errors when the database is away
 */
export async function openGeneration(options: GenerationOptions): Promise<Generation> {
  const { number, url, connections, name, say } = options;
  const schema = schemaOf(number);
  const database = openDatabase<Tables>({ url, schema, connections, name, say });
  // What runs with so many lanes is made again with as many, whatever is set for new ones.
  let lanes = options.lanes;
  const expectWanted = async (): Promise<void> => {
    if (!(await options.isWanted())) throw new GenerationDroppedError(`${schema} is wanted no more`);
  };
  const prepare = async (): Promise<void> => {
    await expectWanted();
    await migrate(database, schema, migrations);
    // Somebody may have dropped it on purpose just before.
    await expectWanted().catch(async (error) => {
      await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(database);
      throw error;
    });
    await sql`
      insert into layout (lanes, origin, served_at)
      values (${lanes}, ${options.origin}, case when ${options.origin} = 'start' then now() end)
      on conflict do nothing`.execute(database);
  };
  try {
    await prepare();
    const { rows } = await sql<{ lanes: number }>`select lanes from layout`.execute(database);
    const made = rows[0]?.lanes;
    if (made === undefined) throw new Error(`${schema} has lost its layout`);
    lanes = made;
    return { number, schema, lanes, database, prepare };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}
