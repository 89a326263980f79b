import { createTestDatabase, guardedFile, startGuardedPostgres, type TestDatabase } from '@herald/testkit';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase } from './database.ts';

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
