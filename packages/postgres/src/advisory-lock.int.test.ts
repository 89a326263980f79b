import { createTestDatabase, eventually, startProxy, type TestDatabase } from '@herald/testkit';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock } from './advisory-lock.ts';
import { openDatabase } from './database.ts';

let testDatabase: TestDatabase;
let database: Kysely<unknown>;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url, schema: 'public', connections: 1, name: 'lock test' });
});
afterEach(async () => {
  await database.destroy();
  await testDatabase.drop();
});

const acquire = (signal = new AbortController().signal) => acquireLock(testDatabase.url, 'one', signal);

async function sessions(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and application_name = 'lock one'`.execute(database);
  return rows[0]?.count ?? 0;
}

test('is handed over when it is released', async () => {
  const first = await acquire();
  const second = acquire();
  await eventually(async () => (await sessions()) === 2);
  await first.release();
  await (await second).release();
});

test('is let go of over a line that a network has swallowed', async () => {
  const proxy = await startProxy(testDatabase.url);
  try {
    const url = new URL(testDatabase.url);
    url.host = new URL(proxy.url).host;
    const lock = await acquireLock(url.href, 'one', new AbortController().signal);
    proxy.strand();
    await lock.release();
    await lock.lost;
  } finally {
    await proxy.stop();
  }
});

test('tells its holder when the connection is lost', async () => {
  const lock = await acquire();
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'lock one'`.execute(database);
  await lock.lost;
});

test('a waiter that gives up leaves no session behind while another holds the lock', async () => {
  const holder = await acquire();
  const giveUp = new AbortController();
  const waiter = acquire(giveUp.signal);
  await eventually(async () => (await sessions()) === 2);

  giveUp.abort(new Error('enough'));

  await expect(waiter).rejects.toThrow('enough');
  await eventually(async () => (await sessions()) === 1);
  await holder.release();
});

test('gives up at once when told so while it is still connecting', async () => {
  const holder = await acquire();
  const giveUp = new AbortController();
  const waiter = acquire(giveUp.signal);
  giveUp.abort(new Error('enough'));
  await expect(waiter).rejects.toThrow('enough');
  await eventually(async () => (await sessions()) === 1);
  await holder.release();
});
