import { migrate, openDatabase } from '@herald/postgres';
import { createTestDatabase, type TestDatabase } from '@herald/testkit';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FOLD } from '../database/look.ts';
import { migrations } from '../database/migrations.ts';
import type { Tables } from '../database/tables.ts';
import { SCHEMA } from '../dependencies.ts';
import { currentPosition } from './current-position.ts';

let testDatabase: TestDatabase;
let database: Kysely<Tables>;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase<Tables>({
    url: testDatabase.url,
    schema: SCHEMA,
    connections: 10,
    name: 'test',
    say: () => {},
  });
  await migrate(database, SCHEMA, migrations);
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.drop();
});

const fold = (sequence: number) =>
  sql`
  insert into checkpoint (name, sequence, stream_created, as_of, confirmed_as_of)
  values (${FOLD}, ${sequence}, 'test', now(), now())
  on conflict (name) do update set sequence = excluded.sequence`.execute(database);

it('takes no model for one that is rebuilt because two answers overtook each other', async () => {
  await fold(1);
  let folding = true;
  const ask = async (): Promise<void> => {
    while (folding) await currentPosition(database);
  };
  const asking = Promise.all(Array.from({ length: 8 }, ask));
  for (let sequence = 2; sequence <= 300; sequence += 1) await fold(sequence);
  folding = false;
  await expect(asking).resolves.toHaveLength(8);
});

it('does not answer from a model that is behind what it was', async () => {
  await fold(1_000);
  await currentPosition(database);
  await fold(999);
  await expect(currentPosition(database)).rejects.toThrow('is being rebuilt');
  await expect(currentPosition(database)).rejects.toThrow('is being rebuilt');
  await fold(1_000);
  expect(await currentPosition(database)).toMatchObject({ sequence: 1_000 });
});
