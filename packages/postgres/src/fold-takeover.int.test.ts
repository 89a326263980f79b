import { eventually } from '@herald/testkit';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { someText } from '../test/fold-harness.ts';
import { useFolds } from '../test/use-folds.ts';

const harness = useFolds();

const kind = (fold: { state: { kind: string } }): string => fold.state.kind;

test('of two instances one folds, and the other takes over when it stops', async () => {
  const one = harness.start();
  await eventually(() => kind(one) === 'folding');
  const other = harness.start();
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 1);
  expect(kind(other)).toBe('waiting');

  await one.stop();
  await harness.append(someText());

  await eventually(async () => (await harness.seen()).total === 2);
  await eventually(() => kind(other) === 'folding');
});

test('the other takes over when the connection with the lock dies, and nothing counts twice', async () => {
  const one = harness.start();
  await eventually(() => kind(one) === 'folding');
  const other = harness.start();
  await eventually(async () => (await lockSessions()).length === 2);
  const [holder] = (await lockSessions()).filter((session) => session.granted);

  await sql`select pg_terminate_backend(${holder?.pid})`.execute(harness.database);

  await eventually(() => kind(other) === 'folding');
  await harness.append(someText(), someText());
  await eventually(async () => (await harness.seen()).total === 2);
});

test('a fold whose checkpoint is held by another waits, and writes nothing of what that one has written', async () => {
  const applied: number[] = [];
  const fold = harness.start({
    apply: async (transaction, events) => {
      applied.push(...events.map(({ record }) => record.sequence));
      await sql`update total set events = events + ${events.length}`.execute(transaction);
    },
  });
  const [before = 0] = await harness.append(someText());
  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === before);
  const first = await harness.database.transaction().execute(async (transaction) => {
    // Somebody who holds no lock writes the same events, and commits while the fold waits.
    await sql`update checkpoint set sequence = sequence + 1, last_event_id = null`.execute(transaction);
    await sql`update total set events = events + 1`.execute(transaction);
    const [position = 0] = await harness.append(someText());
    await eventually(async () => {
      const { rows } =
        await sql`select from pg_locks where not granted and locktype = 'transactionid'`.execute(transaction);
      return rows.length > 0;
    });
    return position;
  });

  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === first);
  expect(applied).toStrictEqual([before]);
  expect((await harness.seen()).total).toBe(2);
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 3);
});

test('a killed connection in the middle of a transaction: goes on and counts nothing twice', async () => {
  let kills = 3;
  harness.start({
    chunkEvents: 5,
    apply: async (transaction, events) => {
      await sql`update total set events = events + ${events.length}`.execute(transaction);
      if (kills > 0) {
        kills -= 1;
        await sql`select pg_terminate_backend(pg_backend_pid())`.execute(transaction);
      }
    },
  });
  await harness.append(...Array.from({ length: 30 }, () => someText()));

  await eventually(async () => kills === 0 && (await harness.seen()).total === 30);
});

/** The sessions that hold the lock or wait for it. */
async function lockSessions(): Promise<Array<{ pid: number; granted: boolean }>> {
  const { rows } = await sql<{ pid: number; granted: boolean }>`
    select pid, granted from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`.execute(
    harness.database,
  );
  return rows;
}
