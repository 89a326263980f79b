import { eventSubjects } from '@herald/contracts';
import { type FoldedEvent, migrate, openDatabase, startFold } from '@herald/postgres';
import { eventually } from '@herald/testkit';
import { type Kysely, sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import { aMailing, entity, moment, outcome, queued } from '../../test/story.ts';
import { FIRST_TABLES, migrations } from './migrations.ts';
import type { Tables } from './tables.ts';

/*
 * In a rolling upgrade an instance of the first release runs beside those of this one. Here are the statements that it runs,
 * on the tables of this release.
 */
const spring = aMailing('spring');

let fixture: StatsFixture;
let database: Kysely<Tables>;
beforeAll(async () => {
  fixture = await StatsFixture.start();
  database = openDatabase({ url: fixture.databaseUrl, schema: 'stats_1', connections: 4, name: 'tester' });
  await migrate(database, 'stats_1', migrations);
  await sql`insert into layout values (true, 1)`.execute(database);
});
afterAll(async () => {
  await database.destroy();
  await fixture.stop();
});

const TABLE_GONE = '42P01';
const CHECK_FAILED = '23514';

test.each([
  [
    TABLE_GONE,
    'insert into batch (mailing_id, batch, queued_sequence) select gen_random_uuid(), 0, 1 on conflict do nothing',
  ],
  [
    TABLE_GONE,
    `insert into message (id, mailing_id, client_id, batch, status, attempts, created_at, ended_at, error)
     select 1, gen_random_uuid(), gen_random_uuid(), 0, 0, 0, now(), null, null`,
  ],
  [TABLE_GONE, 'select id, mailing_id, attempts from message where id = any(array[1]::bigint[]) for update'],
  [TABLE_GONE, 'update message m set status = 1, ended_at = now() where m.id = 1 and m.status = 0'],
  [
    CHECK_FAILED,
    "insert into checkpoint (name, sequence, stream_created, as_of) values ('lane-0', 0, 'then', now())",
  ],
])('answers with %s to "%s", for which no event is to blame', async (code, statement) => {
  await expect(sql.raw(statement).execute(database)).rejects.toMatchObject({ code });
});

/** What the first release writes of batches that are queued. */
async function applyAsFirstRelease(
  transaction: Transaction<Tables>,
  events: readonly FoldedEvent[],
): Promise<void> {
  for (const { event, record } of events) {
    if (event.type !== 'MessagesQueued') continue;
    const { mailingId, batch } = event.data;
    await sql`insert into batch (mailing_id, batch, queued_sequence) values (${mailingId}, ${batch}, ${record.sequence})`.execute(
      transaction,
    );
  }
}

test('an instance of the first release parks nothing, and leaves the model to one of this release', async () => {
  await fixture.append(
    entity('MailingStarted', spring, moment(0)),
    queued(spring, 0, 1, 2, moment(0)),
    outcome('MessageSent', spring, 0, 1, moment(1)),
  );
  const { [FIRST_TABLES]: first } = migrations;
  let prepared = 0;
  const older = startFold<Tables>({
    name: 'lane-0',
    schema: 'stats_1',
    filter: eventSubjects.all,
    broker: fixture.tester.broker,
    database,
    databaseUrl: fixture.databaseUrl,
    log: fixture.tester.log,
    chunkEvents: 1_000,
    prepare: () => {
      prepared += 1;
      return migrate(database, 'stats_1', first === undefined ? {} : { [FIRST_TABLES]: first });
    },
    apply: applyAsFirstRelease,
  });
  try {
    await eventually(() => prepared > 1);
    await fixture.startService();
    await fixture.folded(await fixture.append(outcome('MessageSent', spring, 0, 2, moment(2))));
    expect(await fixture.statsOf(spring)).toMatchObject({ counts: { queued: 0, sent: 2 } });
    expect((await fixture.execute('select from parked_event')).rows).toEqual([]);
  } finally {
    await older.stop();
  }
});
