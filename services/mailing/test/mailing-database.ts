import { migrate, openDatabase } from '@herald/postgres';
import { createTestDatabase, type TestDatabase } from '@herald/testkit';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll } from 'vitest';
import { migrations } from '../src/database/migrations.ts';
import type { Tables } from '../src/database/tables.ts';
import { SCHEMA } from '../src/dependencies.ts';

/** Opens the schema of the mailing service; whoever opens it destroys it. */
export const openTables = (url: string, connections = 1): Kysely<Tables> =>
  openDatabase<Tables>({ url, schema: SCHEMA, connections, name: 'tester', say: () => {} });

/**
 * The tables of the mailing service, empty and without a service, for the tests of the file or block that calls this.
 *
 * @returns where `database` is, as soon as the first test runs
 */
export function useMailingTables(connections: number): { readonly database: Kysely<Tables> } {
  let opened: { server: TestDatabase; database: Kysely<Tables> } | undefined;
  beforeAll(async () => {
    const server = await createTestDatabase();
    const database = openTables(server.url, connections);
    opened = { server, database };
    await migrate(database, SCHEMA, migrations);
  });
  afterAll(async () => {
    await opened?.database.destroy();
    await opened?.server.drop();
  });
  return {
    get database() {
      if (opened === undefined) throw new Error('the tables are there before the first test');
      return opened.database;
    },
  };
}
