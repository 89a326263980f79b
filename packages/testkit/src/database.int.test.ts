import { Client } from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from './database.ts';

test('gives a database that is empty and goes away with connections open', async () => {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  const broken = new Promise<void>((resolve) => client.on('error', () => resolve()));
  await client.connect();
  const tables = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'");
  expect(tables.rowCount).toBe(0);

  await database.drop();

  await broken;
  const again = new Client({ connectionString: database.url });
  await expect(again.connect()).rejects.toThrow(/does not exist/);
});
