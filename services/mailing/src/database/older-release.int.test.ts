import { migrate } from '@herald/postgres';
import { createTestDatabase, type TestDatabase } from '@herald/testkit';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTables } from '../../test/mailing-database.ts';
import { SCHEMA } from '../dependencies.ts';
import { FOLD } from './look.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './tables.ts';

let testDatabase: TestDatabase;
let database: Kysely<Tables>;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openTables(testDatabase.url);
  const [[name, first] = []] = Object.entries(migrations);
  if (name === undefined || first === undefined) throw new Error('the first migration is gone');
  await migrate(database, SCHEMA, { [name]: first });
  await sql`
    insert into checkpoint (name, sequence, stream_created, as_of) values (${FOLD}, 7, 'then', now())`.execute(
    database,
  );
  await migrate(database, SCHEMA, migrations);
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.drop();
});

/** What the first release does with a client that is registered: it knows no position. */
const upsert = sql`
  insert into client (id, phone, operator_code, tag, timezone, version, created_at, updated_at)
  values ('5a0c3b7e-0f0e-4c7c-8f52-3a1f5a6f8a10', '79160000000', '916', '', 'Zulu', 1, now(), now())
  on conflict (id) do update set version = excluded.version`;

test('what an instance of the first release folds beside this one is refused as a whole', async () => {
  const folding = database.transaction().execute(async (transaction) => {
    await upsert.execute(transaction);
    await sql`
      update checkpoint set sequence = 8, last_event_id = null, as_of = now()
      where name = ${FOLD} and sequence = 7 and stream_created = 'then'`.execute(transaction);
  });
  await expect(folding).rejects.toThrow('a_newer_release_has_taken_over');
  const { rows } = await sql`select from client`.execute(database);
  expect(rows).toEqual([]);
});

test('what its command handlers and queries ask of the tables is answered as before', async () => {
  const { rows } = await sql`select sequence from checkpoint where name = ${FOLD}`.execute(database);
  expect(rows).toEqual([{ sequence: 7 }]);
  await sql`insert into phone_reservation (phone, client_id, command_id)
    values ('79160000000', gen_random_uuid(), gen_random_uuid()) on conflict (phone) do nothing`.execute(
    database,
  );
});
