import {
  createTestDatabase,
  type Proxy as ServerProxy,
  startProxy,
  type TestDatabase,
} from '@herald/testkit';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answeredWithin } from './answered-within.ts';
import { openDatabase } from './database.ts';
import { isOutage } from './outage.ts';

let testDatabase: TestDatabase;
let proxy: ServerProxy;
let database: Kysely<unknown>;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  proxy = await startProxy(testDatabase.url);
  const url = new URL(testDatabase.url);
  url.host = new URL(proxy.url).host;
  database = openDatabase({ url: url.href, schema: 'public', connections: 1, name: 'a test' });
});
afterEach(async () => {
  proxy.cut();
  await database.destroy();
  await proxy.stop();
  await testDatabase.drop();
});

const one = () => sql<{ one: number }>`select 1 as one`.execute(database);

test('a statement on a connection that nobody hears any more fails as an outage, and the next one gets another', async () => {
  await one();
  proxy.strand();
  const failure = await answeredWithin(300, one).catch((error: unknown) => error);
  expect(String(failure)).toContain('was silent for 300 ms');
  expect(isOutage(failure)).toBe(true);
  expect((await one()).rows).toEqual([{ one: 1 }]);
});

test('so does one within a transaction, which is not committed', async () => {
  await sql`create table thing (name text)`.execute(database);
  const failure = await answeredWithin(300, () =>
    database.transaction().execute(async (transaction) => {
      await sql`insert into thing values ('one')`.execute(transaction);
      proxy.strand();
      await sql`insert into thing values ('two')`.execute(transaction);
    }),
  ).catch((error: unknown) => error);
  expect(isOutage(failure)).toBe(true);
  expect((await sql`select from thing`.execute(database)).rows).toEqual([]);
});
