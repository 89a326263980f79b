import { DIFFERENCES_TOLD, type DirectoryRebuild, newId, type RebuildDifference } from '@herald/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { SCHEMA } from '../dependencies.ts';

/** What is known of a rebuild, as it stands in the database. */
interface RebuildRow {
  readonly id: string;
  readonly state: DirectoryRebuild['state'];
  readonly events: number;
  readonly total: number;
  readonly per_second: number | null;
  readonly error: string | null;
  readonly differences_found: number;
  readonly differences: RebuildDifference[];
  readonly started_at: Date;
  readonly ended_at: Date | null;
}

/** Named in full: whoever writes here may be about to put another schema in the place of this one. */
const table = sql`${sql.id(SCHEMA, 'directory_rebuild')}`;

/** Asks for a rebuild, unless one is under way. */
export async function requestRebuild(database: Kysely<Tables>): Promise<DirectoryRebuild> {
  await sql`
    insert into ${table} (id, state) values (${newId()}, 'folding') on conflict do nothing`.execute(database);
  const rebuild = await findLatest(database);
  if (rebuild === null) throw new Error('the rebuild that was asked for is gone');
  return rebuild;
}

/** The rebuild that is under way, or else the last one; `null` where there never was one. */
export async function findLatest(database: Kysely<Tables>): Promise<DirectoryRebuild | null> {
  const { rows } = await sql<RebuildRow>`
    select * from ${table} order by ended_at desc nulls first, started_at desc limit 1`.execute(database);
  return rows[0] === undefined ? null : shown(rows[0]);
}

/** The id of the rebuild that is under way. */
export async function findUnderWay(database: Kysely<Tables>): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`select id from ${table} where ended_at is null`.execute(
    database,
  );
  return rows[0]?.id;
}

export interface Progress {
  readonly state: DirectoryRebuild['state'];
  readonly events: number;
  readonly total: number;
  readonly perSecond: number | null;
  /** What it waits for. */
  readonly error: string | null;
}

/** @returns whether it is under way: its row may have been lost with the whole schema */
export async function saveProgress(
  database: Kysely<Tables>,
  id: string,
  { state, events, total, perSecond, error }: Progress,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update ${table} set state = ${state}, events = ${events}, total = ${total}, per_second = ${perSecond}, error = ${error}
    where id = ${id} and ended_at is null`.execute(database);
  return numAffectedRows === 1n;
}

export async function saveFailure(database: Kysely<Tables>, id: string, reason: string): Promise<void> {
  await sql`
    update ${table} set state = 'failed', ended_at = now(), error = ${reason}
    where id = ${id} and ended_at is null`.execute(database);
}

/** Told in the transaction in which the rebuilt model takes its place; the rate is that of the whole then. */
export async function saveDone(
  transaction: Transaction<Tables>,
  id: string,
  events: number,
  found: number,
  differences: readonly RebuildDifference[],
): Promise<void> {
  await sql`
    update ${table} set state = 'done', ended_at = clock_timestamp(), events = ${events}, total = ${events}, error = null,
      per_second = ${events} / greatest(extract(epoch from clock_timestamp() - started_at)::float8, 0.001),
      differences_found = ${found}, differences = ${JSON.stringify(differences.slice(0, DIFFERENCES_TOLD))}
    where id = ${id}`.execute(transaction);
}

function shown(row: RebuildRow): DirectoryRebuild {
  const isFolding = row.state === 'folding';
  const left = isFolding && row.per_second ? (row.total - row.events) / row.per_second : null;
  return {
    id: row.id,
    kind: 'rebuild',
    state: row.state,
    events: row.events,
    total: row.total,
    perSecond: row.per_second === null ? null : Math.round(row.per_second * 10) / 10,
    secondsLeft: left === null ? null : Math.round(left * 10) / 10,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    differencesFound: row.differences_found,
    differences: row.differences,
    error: row.error,
  };
}
