import { createTestDatabase, type TestDatabase } from '@herald/testkit';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { migrate } from './migrate.ts';

let testDatabase: TestDatabase;
const databases: Array<Kysely<unknown>> = [];

beforeEach(async () => {
  testDatabase = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.destroy()));
  await testDatabase.drop();
});

function open(): Kysely<unknown> {
  const database = openDatabase({
    url: testDatabase.url,
    schema: 'migrated',
    connections: 2,
    name: 'migrate test',
  });
  databases.push(database);
  return database;
}

const first: Migration = {
  up: async (connection) => {
    await sql`create table run (name text not null)`.execute(connection);
    await sql`insert into run values ('first')`.execute(connection);
  },
};
const second: Migration = {
  up: async (connection) => {
    await sql`insert into run values ('second')`.execute(connection);
  },
};

const runs = async (database: Kysely<unknown>): Promise<string[]> =>
  (await sql<{ name: string }>`select name from run`.execute(database)).rows.map((row) => row.name);

test('four instances that start at once run each migration once', async () => {
  const instances = [open(), open(), open(), open()];
  await Promise.all(
    instances.map((database) =>
      migrate(database, 'migrated', { '0001_first': first, '0002_second': second }),
    ),
  );
  expect(await runs(open())).toEqual(['first', 'second']);
});

test('runs only what is new, and says what that was', async () => {
  const database = open();
  expect(await migrate(database, 'migrated', { '0001_first': first })).toEqual(['0001_first']);
  const both = { '0001_first': first, '0002_second': second };
  expect(await migrate(database, 'migrated', both)).toEqual(['0002_second']);
  expect(await migrate(database, 'migrated', both)).toEqual([]);
  expect(await runs(database)).toEqual(['first', 'second']);
});

test('fails with the error of the migration that failed', async () => {
  const broken: Migration = {
    up: async (connection) => {
      await sql`insert into nowhere values (1)`.execute(connection);
    },
  };
  await expect(migrate(open(), 'migrated', { '0001_broken': broken })).rejects.toThrow(/nowhere/);
});
