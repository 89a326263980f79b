import { Kysely, PostgresDialect } from 'kysely';
import { type Client, DatabaseError, Pool, types } from 'pg';
import { closeWhenSilent } from './answered-within.ts';
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
  /** Statements with parameters are parsed once by each connection, and planned anew only where that pays. */
  readonly prepares?: boolean;
}

/** A statement that hangs must not hold its caller for ever: the server ends it after this, milliseconds. */
const STATEMENT_MS = 60_000;
/** Where not even that is heard the connection is dead, milliseconds. */
const SILENT_MS = STATEMENT_MS + 5_000;
/** After so long without a word (milliseconds) the operating system asks whether the server is still there. */
const KEEP_ALIVE_MS = 10_000;

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
    statement_timeout: STATEMENT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  // A connection that ends while it is checked out says so by an event of its own, and the pool listens only to idle
  // ones: unheard, it would end the process. Whoever holds the connection learns of it by the next query, which fails.
  pool.on('connect', (client) => {
    if (options.prepares === true) prepareStatements(client);
    closeWhenSilent(client, SILENT_MS);
    client.on('error', (error) => options.say?.('a database connection failed', { error: String(error) }));
  });
  pool.on('error', (error) => options.say?.('an idle database connection failed', { error: String(error) }));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** So many statements of a program are prepared at the most: one whose text is made up each time would fill the server. */
const MOST_PREPARED = 200;
const names = new Map<string, string>();

/** Gives each statement with parameters a name, by which a connection knows it again. */
function prepareStatements(client: Client): void {
  const query: (...args: unknown[]) => unknown = client.query.bind(client);
  const named = (text: unknown, values: unknown, ...rest: unknown[]): unknown => {
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 && nameOf(text);
    if (!name) return query(text, values, ...rest);
    const answer = query({ name, text, values }, ...rest);
    if (answer instanceof Promise)
      answer.catch((error) => {
        // The driver would ask for it under this name for as long as the connection lives.
        if (isStatementLost(error)) client.connection.stream.destroy();
      });
    return answer;
  };
  Object.assign(client, { query: named });
}

/** SQLSTATE of a prepared statement that is not there, that is there already, or whose result has other columns now. */
const STATEMENT_LOST = new Set(['26000', '42P05', '0A000']);
const isStatementLost = (error: unknown): boolean =>
  error instanceof DatabaseError && STATEMENT_LOST.has(error.code ?? '');

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_PREPARED) return known;
  const name = `statement-${names.size}`;
  names.set(text, name);
  return name;
}
