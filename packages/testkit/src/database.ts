import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { testInfrastructure } from './infrastructure.ts';

export type TestDatabase = {
  readonly url: string;
  /** Removes it, and ends connections that are still open. */
  drop(): Promise<void>;
};

/** An empty database of the test file's own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { postgresUrl } = testInfrastructure();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(postgresUrl, `CREATE DATABASE ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
