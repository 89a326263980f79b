import { Kysely, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';
import { sessionOptions } from './session-options.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** The schema that unqualified names mean. */
  readonly schema: string;
  /** How many connections at most. */
  readonly connections: number;
  /** Shown in `pg_stat_activity`. */
  readonly name: string;
  /** Told of errors of idle connections, which the pool has replaced already. */
  readonly say?: (event: string, details: Record<string, unknown>) => void;
}

const BIGINT = 20;
/** Sequences and message ids stay far below 2^53, so that numbers hold them exactly. */
types.setTypeParser(BIGINT, Number);

/** Opens a pool on one schema. Connections are made when they are needed; a database that is away fails the query. */
export function openDatabase<Tables>(options: DatabaseOptions): Kysely<Tables> {
  const pool = new Pool({
    ...sessionOptions(options.url, `-c search_path=${options.schema}`),
    max: options.connections,
    application_name: options.name,
    connectionTimeoutMillis: 5_000,
    // A statement that hangs must not hold its caller for ever.
    statement_timeout: 60_000,
  });
  // A connection that ends while it is checked out says so by an event of its own, and the pool listens only to idle
  // ones: unheard, it would end the process. Whoever holds the connection learns of it by the next query, which fails.
  pool.on('connect', (client) => {
    client.on('error', (error) => options.say?.('a database connection failed', { error: String(error) }));
  });
  pool.on('error', (error) => options.say?.('an idle database connection failed', { error: String(error) }));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}
