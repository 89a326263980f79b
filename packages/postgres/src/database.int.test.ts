import {
  createTestDatabase,
  eventually,
  guardedFile,
  startGuardedPostgres,
  type TestDatabase,
} from '@herald/testkit';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase } from './database.ts';
import { isOutage } from './outage.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
afterEach(() => vi.unstubAllEnvs());

async function show(url: string, setting: string): Promise<unknown> {
  const opened = openDatabase({ url, schema: 'theirs', connections: 1, name: 'a test' });
  try {
    const { rows } = await sql<{ value: string }>`select current_setting(${setting}) as value`.execute(
      opened,
    );
    return rows[0]?.value;
  } finally {
    await opened.destroy();
  }
}

test('options of the URL hold beside the schema, which they do not replace', async () => {
  const url = `${database.url}?options=${encodeURIComponent('-c work_mem=7MB -c search_path=public')}`;
  expect(await show(url, 'work_mem')).toBe('7MB');
  expect(await show(url, 'search_path')).toBe('theirs');
});

test('PGOPTIONS holds for a database of somebody’s own, beside the schema', async () => {
  vi.stubEnv('PGOPTIONS', '-c work_mem=6MB');
  expect(await show(database.url, 'work_mem')).toBe('6MB');
  expect(await show(database.url, 'search_path')).toBe('theirs');
});

test('prepares statements with parameters once, also over errors and tables that are made again', async () => {
  const opened = openDatabase<{ thing: { name: string } }>({
    url: database.url,
    schema: 'public',
    connections: 1,
    name: 'a test',
    prepares: true,
  });
  const make = () => sql`create table thing (name text unique)`.execute(opened);
  const insert = (name: string) => sql`insert into thing values (${name})`.execute(opened);
  try {
    await expect(insert('early')).rejects.toThrow('does not exist');
    await make();
    await insert('one');
    await expect(insert('one')).rejects.toThrow('duplicate key');
    await insert('two');
    await sql`drop table thing`.execute(opened);
    await expect(insert('three')).rejects.toThrow('does not exist');
    await make();
    await insert('three');
    const rolledBack = opened.transaction().execute(async (transaction) => {
      await sql`insert into thing values (${'four'})`.execute(transaction);
      await sql`select ${1}::int / 0`.execute(transaction);
    });
    await expect(rolledBack).rejects.toThrow('division by zero');
    const { rows } = await sql`select name from thing where name <> ${''}`.execute(opened);
    expect(rows).toEqual([{ name: 'three' }]);
    const { rows: prepared } = await sql<{ statement: string }>`
      select statement from pg_prepared_statements where statement like 'insert%'`.execute(opened);
    expect(prepared).toEqual([{ statement: 'insert into thing values ($1)' }]);
  } finally {
    await opened.destroy();
  }
});

test('a prepared statement that a migration has made useless is an outage, and over with its connection', async () => {
  const opened = openDatabase({
    url: database.url,
    schema: 'public',
    connections: 1,
    name: 'a test',
    prepares: true,
  });
  const read = () => sql<{ size: unknown }>`select size from box where size > ${0}::int`.execute(opened);
  try {
    await sql`create table box (size int)`.execute(opened);
    await read();
    await sql`alter table box alter column size type bigint`.execute(opened);
    const failure = await read().catch((error: unknown) => error);
    expect(String(failure)).toContain('cached plan must not change result type');
    expect(isOutage(failure)).toBe(true);
    expect(await eventually(async () => (await read()).rows)).toEqual([]);
  } finally {
    await opened.destroy();
  }
});

test('a server with an authority of its own is trusted with sslrootcert, and with no other', async () => {
  const server = await startGuardedPostgres();
  try {
    const trusting = (file: string) => `${server.url}?sslmode=verify-full&sslrootcert=${guardedFile(file)}`;
    expect(await show(trusting('ca.pem'), 'ssl')).toBe('on');
    await expect(show(trusting('other-ca.pem'), 'ssl')).rejects.toThrow(/certificate/);
    vi.stubEnv('PGSSLMODE', 'require');
    await expect(show(server.url, 'ssl')).rejects.toThrow(/certificate/);
  } finally {
    await server.stop();
  }
});
