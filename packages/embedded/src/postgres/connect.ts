import { Client } from 'pg';
import { withoutPostgresVariables } from './environment.ts';

/** Whether the server takes queries from this superuser now. */
export async function probePostgres(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('SELECT 1'));
    return true;
  } catch {
    return false;
  }
}

/** Creates a database unless it is there. The name must be a plain identifier. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE "${name}"`);
  });
}

export async function withClient<Result>(
  url: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = makeClient(url);
  // A connection that breaks is told by the query; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * What its options leave open `pg` takes from the variables PG* of this process, at the moment it is made. They are
 * out of sight just then: some of them, such as PGBINARY, no option outweighs.
 */
function makeClient(url: string): Client {
  const before = process.env;
  process.env = withoutPostgresVariables(before);
  try {
    return new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  } finally {
    process.env = before;
  }
}
