import { makeEvent } from '@herald/contracts';
import { migrate, openDatabase } from '@herald/postgres';
import { createTestDatabase, type TestDatabase } from '@herald/testkit';
import { type Kysely, sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aMailing, clientId, ending, moment, outcome, queued, type Step } from '../../test/story.ts';
import { migrations } from '../database/migrations.ts';
import type { Tables } from '../database/tables.ts';
import { applyEvents } from '../fold/apply-events.ts';
import { candidatesOf, type Wanted } from './candidate-batches.ts';
import { messageOf } from './message-row.ts';
import { readMessages } from './read-messages.ts';

const BATCHES = 6_000;
const SIZE = 2;
const mailing = aMailing('large');
const firstOf = (batch: number): number => 1 + batch * SIZE;

let server: TestDatabase;
let database: Kysely<Tables>;
beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase({ url: server.url, schema: 'large', connections: 1, name: 'tester' });
  await migrate(database, 'large', migrations);
  // All are expired but the first message of the last batch, which failed, and the second, which is queued.
  for (let batch = 0; batch < BATCHES; batch += 1_000) {
    const numbers = Array.from({ length: 1_000 }, (_, index) => batch + index);
    await fold(numbers.map((number) => queued(mailing, number, firstOf(number), SIZE, moment(0))));
    const ended = numbers.filter((number) => number < BATCHES - 1);
    await fold(
      ended.map((number) =>
        ending('MessagesExpired', mailing, number, [firstOf(number), firstOf(number) + 1], moment(1)),
      ),
    );
  }
  await fold([outcome('MessageFailed', mailing, BATCHES - 1, firstOf(BATCHES - 1), moment(2))]);
  // Of batches of the usual size the server keeps no statistics of their clients, and takes any of them for one in 200.
  await sql`alter table queued_batch alter column client_ids set statistics 0`.execute(database);
  await sql`analyze`.execute(database);
}, 60_000);
afterAll(async () => {
  await database.destroy();
  await server.drop();
});

let sequence = 0;
async function fold(steps: readonly Step[]): Promise<void> {
  const events = steps.map(({ subject, body, at }) => {
    sequence += 1;
    const event = makeEvent(body, { source: 'tester', correlationId: 'test' }, at);
    return { event, record: { subject, sequence, storedAt: 0, pending: 0, text: '' } };
  });
  await database.transaction().execute((transaction) => applyEvents(transaction, 0, events));
}

/** Reads a page. @returns the ids that it holds, and how many rows the tables were asked for */
async function read(wanted: Omit<Wanted, 'firstId'>): Promise<{ ids: number[]; rows: number }> {
  return database.transaction().execute(async (transaction) => {
    const before = await rowsRead(transaction);
    const found = await readMessages(transaction, { firstId: 1, ...wanted });
    const rows = (await rowsRead(transaction)) - before;
    return { ids: found.map((row) => messageOf(row).id), rows };
  });
}

/** As the session has counted them. */
async function rowsRead(transaction: Transaction<Tables>): Promise<number> {
  const { rows } = await sql<{ read: number }>`
    select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as read
    from pg_stat_xact_user_tables where relname in ('queued_batch', 'batch_outcomes')`.execute(transaction);
  return rows[0]?.read ?? 0;
}

const last = firstOf(BATCHES - 1);

test.each([1, 2, 100])('a page of %i messages of a client reads its batches alone', async (limit) => {
  const { ids, rows } = await read({ clientId: clientId(last), limit });
  expect(ids).toEqual([last]);
  expect(rows).toBeLessThan(50);
});

test('a single batch of a client is found without a walk through those of others', async () => {
  await database.transaction().execute(async (transaction) => {
    const before = await rowsRead(transaction);
    const { rows } = await candidatesOf({ firstId: 1, clientId: clientId(last), limit: 1 }, 1).execute(
      transaction,
    );
    expect(rows).toMatchObject([{ first_message_id: last }]);
    expect((await rowsRead(transaction)) - before).toBeLessThan(50);
  });
});

test.each([
  ['sent', []],
  ['failed', [last]],
  ['queued', [last + 1]],
  ['unknown', []],
] as const)(
  'a page of the messages that are %s reads the batches that hold some alone',
  async (status, expected) => {
    for (const mailingId of [mailing.id, undefined])
      for (const limit of [1, 100]) {
        const { ids, rows } = await read({ mailingId, status, limit });
        expect(ids).toEqual(expected);
        expect(rows).toBeLessThan(50);
      }
  },
);

test('a page of a status that nearly all have reads no more batches than it may need', async () => {
  const { ids, rows } = await read({ mailingId: mailing.id, status: 'expired', limit: 20 });
  expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => 1 + index));
  expect(rows).toBeLessThan(500);
});

test('what a client has of a status is told from what others of its batches have', async () => {
  expect((await read({ clientId: clientId(last), status: 'queued', limit: 10 })).ids).toEqual([]);
  expect((await read({ clientId: clientId(last), status: 'failed', limit: 10 })).ids).toEqual([last]);
  expect((await read({ clientId: clientId(last + 1), status: 'queued', limit: 10 })).ids).toEqual([last + 1]);
});
