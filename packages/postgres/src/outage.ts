import { type Kysely, sql } from 'kysely';
import { DatabaseError } from 'pg';

/**
 * Classes of SQLSTATE that speak of the server, of other transactions or of a prepared statement that is not there, and
 * not of the data: worth another try.
 */
const TRANSIENT_CLASSES = new Set(['08', '26', '40', '53', '55', '57', '58', 'XX']);
/** A prepared statement is there already, or its result has other columns since a migration. */
const TRANSIENT = new Set(['42P05', '0A000']);

/**
 * True where an error says nothing about the statement itself: the database is away, overloaded, or shutting down.
 * Source: PostgreSQL documentation, appendix A, error codes.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    const sqlState = error.code ?? '';
    return TRANSIENT_CLASSES.has(sqlState.slice(0, 2)) || TRANSIENT.has(sqlState);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^E[A-Z]+$/.test(code) || (error instanceof Error && /connection|timeout/i.test(error.message));
}

/** SQLSTATE of a table, of a schema and of a column that is not there. */
const STRUCTURE_GONE = new Set(['42P01', '3F000', '42703']);

/**
 * True where a table or schema of the model is gone, or is as an older release made it, which a dropped schema may be in a
 * rolling upgrade: no event is to blame for that.
 */
export const isStructureGone = (error: unknown): error is DatabaseError =>
  error instanceof DatabaseError && STRUCTURE_GONE.has(error.code ?? '');

/** Conflicts of transactions: a statement that does less may not meet them. */
const CONFLICTS = /^40/;

/** True where a statement about many rows failed, and one about fewer of them may not: a row is wrong, or locked crosswise. */
export function mayLieInRows(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  const code = error.code ?? '';
  return CONFLICTS.test(code) || !(STRUCTURE_GONE.has(code) || isOutage(error));
}

/** The table or index that an error says is not there; `null` where it speaks of something else. */
export const goneRelation = (error: Error): string | null =>
  /relation "([^"]+)" does not exist/.exec(error.message)?.[1] ?? null;

/** Whether a table is there, by its name as the connection finds it. */
export async function isThere<Tables>(database: Kysely<Tables>, relation: string): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass(${relation}) is not null as there`.execute(database);
  return rows[0]?.there === true;
}
