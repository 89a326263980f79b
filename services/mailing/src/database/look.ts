import { type Kysely, sql } from 'kysely';
import { groupedByDatabase } from './group-commit.ts';
import type { Tables } from './tables.ts';

/** The checkpoint of the one fold of this service. */
export const FOLD = 'entities';

/** How far a model is: the last folded position, and when that event was stored (ISO 8601). */
export interface Position {
  readonly sequence: number;
  readonly asOf: string;
}

export interface Look {
  /** The stored result of the command that was asked for, not parsed: a broken one is nobody else's trouble. */
  readonly result: { readonly fingerprint: string; readonly outcome: unknown } | undefined;
  readonly position: Position | undefined;
  /** The highest position that this instance had seen before it looked; 0 before the first. */
  readonly before: number;
}

interface Row {
  readonly sequence: number | null;
  readonly as_of: Date | null;
  readonly command_id: string | null;
  readonly fingerprint: string | null;
  readonly outcome: unknown;
}

/** The highest position that this instance has seen each model at. */
const highest = new WeakMap<Kysely<Tables>, number>();

/**
 * Looks how far the directory is, and for the result of a command (`null`: of none). All who look at the same time share a
 * statement: each command costs both before anything else of it can begin.
 */
export const look = groupedByDatabase<string | null, Look>(async (database, asked) => {
  // Known before we ask: of questions side by side a later one may be answered first, and with a later position.
  const before = highest.get(database) ?? 0;
  const ids = asked.filter((id) => id !== null);
  const { rows } = await sql<Row>`
    select c.sequence, c.as_of, r.command_id, r.fingerprint, r.outcome
    from (select) as always
    left join checkpoint c on c.name = ${FOLD}
    left join command_result r on r.command_id = any(${ids}::uuid[])`.execute(database);
  const { sequence, as_of: asOf } = rows[0] ?? { sequence: null, as_of: null };
  const position = sequence === null || asOf === null ? undefined : { sequence, asOf: asOf.toISOString() };
  highest.set(database, Math.max(highest.get(database) ?? 0, position?.sequence ?? 0));
  const results = new Map(
    rows.map((row) => [row.command_id, { fingerprint: row.fingerprint ?? '', outcome: row.outcome }]),
  );
  return asked.map((id) => ({
    result: id === null ? undefined : results.get(id.toLowerCase()),
    position,
    before,
  }));
});
