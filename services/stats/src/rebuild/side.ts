import type { Runtime } from '@herald/service-kit';
import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { passedByEachLane } from '../fold/passed-by-all-lanes.ts';
import { type PointerTables, schemaOf } from '../generations/pointer.ts';

/** One of the two generations that a job is about. */
export interface Side {
  readonly generation: number;
  readonly schema: string;
  readonly lanes: number;
  /** Up to where all of its lanes have folded everything, as a transaction sees it. */
  passed(transaction: QueryExecutorProvider, runtime: Runtime): Promise<number>;
  /** The same of each lane. */
  passedByLane(transaction: QueryExecutorProvider, runtime: Runtime): Promise<number[]>;
}

/** @returns null where the generation is not there */
export async function sideOf(database: Kysely<PointerTables>, generation: number): Promise<Side | null> {
  const schema = schemaOf(generation);
  // One of an older release has another layout.
  const { rows: found } = await sql<{ there: boolean }>`
    select to_regclass(${`${schema}.count_change`}) is not null as there`.execute(database);
  if (found[0]?.there !== true) return null;
  const { rows } = await sql<{ lanes: number }>`select lanes from ${sql.table(`${schema}.layout`)}`.execute(
    database,
  );
  const lanes = rows[0]?.lanes;
  if (lanes === undefined) return null;
  const passedByLane: Side['passedByLane'] = async (transaction, runtime) => {
    const { rows: checkpoints } = await sql<{ name: string; sequence: number }>`
      select name, sequence from ${sql.table(`${schema}.checkpoint`)}`.execute(transaction);
    return passedByEachLane(new Map(checkpoints.map((row) => [row.name, row.sequence])), runtime, lanes);
  };
  return {
    generation,
    schema,
    lanes,
    passedByLane,
    passed: async (transaction, runtime) => Math.min(...(await passedByLane(transaction, runtime))),
  };
}
