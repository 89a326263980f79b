import { newId, outcomesOf } from '@herald/contracts';
import { createLogger } from '@herald/service-kit';
import {
  createTestDatabase,
  eventually,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@herald/testkit';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type FoldHarness, openHarness, someEvent, someText } from '../test/fold-harness.ts';
import { acquireLock } from './advisory-lock.ts';
import { CheckpointMovedError } from './checkpoint.ts';
import { foldHealth } from './fold-state.ts';

let nats: TestNats;
let database: TestDatabase;
let harness: FoldHarness;

beforeAll(async () => {
  nats = await startTestNats();
});
afterAll(() => nats.stop());
beforeEach(async () => {
  database = await createTestDatabase();
  harness = await openHarness(nats.url, database.url);
});
afterEach(async () => {
  // A log of its own for every test.
  await harness.broker.manager.streams.delete('EVENTS');
  await harness.stop();
  await database.drop();
});

const kind = (fold: { state: { kind: string } }): string => fold.state.kind;

test('folds what stands in the log and what comes later, each event once', async () => {
  const before = await harness.append(someText(), someText());
  harness.start({ chunkEvents: 3 });
  const later = await harness.append(...Array.from({ length: 20 }, () => someText()));

  const expected = [...before, ...later].sort((one, other) => one - other);
  await eventually(async () => {
    expect(await harness.seen()).toEqual({ sequences: expected, total: 22 });
    return true;
  });
});

test('a stopped fold goes on where it ended', async () => {
  const first = await harness.append(someText(), someText());
  const fold = harness.start();
  await eventually(async () => (await harness.seen()).total === 2);
  await fold.stop();
  expect(kind(fold)).toBe('stopped');
  const second = await harness.append(someText());

  const next = harness.start();
  await eventually(
    () => next.state.kind === 'folding' && next.state.behind === 0 && next.state.sequence === 3,
  );
  expect(await harness.seen()).toEqual({ sequences: [...first, ...second].sort(), total: 3 });
});

test('cuts a transaction by the size of its events', async () => {
  const text = someText();
  await harness.append(...Array.from({ length: 10 }, () => text));
  const sizes: number[] = [];
  harness.start({
    chunkCharacters: text.length * 4,
    onCommitted: (events) => void sizes.push(events.length),
  });

  await eventually(async () => (await harness.seen()).total === 10);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
});

test('its transactions alone wait for no disk', async () => {
  // Looked at when the transaction ends, which is when it counts.
  await sql.raw(NOTE_HOW_COMMITTED).execute(harness.database);
  harness.start();
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 1);
  await sql`update total set events = 5`.execute(harness.database);

  const { rows } = await sql`select events, setting, is_ours from committed order by events`.execute(
    harness.database,
  );
  expect(rows).toEqual([
    { events: 1, setting: 'off', is_ours: true },
    { events: 5, setting: expect.any(String), is_ours: false },
  ]);
});

/** Servers of tests have it off from the start: what matters is who set it. */
const NOTE_HOW_COMMITTED = `
  create table committed (events bigint, setting text, is_ours boolean);
  create function note_how() returns trigger language plpgsql as $$
  begin
    insert into committed select new.events, setting, source = 'session'
    from pg_settings where name = 'synchronous_commit';
    return null;
  end $$;
  create constraint trigger noting after update on total deferrable initially deferred
  for each row execute function note_how()`;

/** Those on subjects of clients change nothing. */
const passes = (subject: string): boolean => subject.includes('.entity.client.');

const stored = async (): Promise<number> => {
  const { rows } = await sql<{ sequence: number }>`select sequence from checkpoint`.execute(harness.database);
  return rows[0]?.sequence ?? 0;
};

test('passes what changes nothing without reading it, and its checkpoint follows by itself', async () => {
  const fold = harness.start({ passes });
  const [, second = 0] = await harness.appendOfClients('no event', someText());
  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === second);
  expect(fold.state).toMatchObject({ behind: 0, parked: 0 });
  await eventually(async () => (await stored()) === second);
  expect((await harness.seen()).total).toBe(0);
});

test('what is passed beside what is folded moves the checkpoint with it, each event once', async () => {
  const fold = harness.start({ passes });
  const positions: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    await harness.appendOfClients(someText());
    positions.push(...(await harness.append(someText())));
  }
  const [last = 0] = await harness.appendOfClients(someText());
  await eventually(async () => (await stored()) === last);
  expect(await harness.seen()).toEqual({ sequences: positions, total: 20 });
  await fold.stop();
  const next = harness.start({ passes });
  const [later = 0] = await harness.append(someText());
  await eventually(() => next.state.kind === 'folding' && next.state.sequence === later);
  expect((await harness.seen()).total).toBe(21);
});

test('a checkpoint that another has moved meanwhile is looked at again by who only passes, who says why', async () => {
  const log = createLogger('test', 'test', 'silent');
  const warn = vi.spyOn(log, 'warn');
  const fold = harness.start({ passes, log });
  const [first = 0, second = 0] = await harness.appendOfClients(someText(), someText());
  await eventually(async () => (await stored()) === second);
  await sql`update checkpoint set sequence = ${first}, last_event_id = null`.execute(harness.database);
  const [third = 0] = await harness.appendOfClients(someText());
  await eventually(async () => (await stored()) === third);
  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === third);
  expect(warn).toHaveBeenCalledWith(
    { err: expect.any(CheckpointMovedError), fold: 'seen' },
    'the fold leaves its model and looks again',
  );
});

test('says how much of its own filter is behind, not of the whole log', async () => {
  await harness.append(...Array.from({ length: 5 }, () => someText()));
  const fold = harness.start({ filter: 'events.99.>' });

  await eventually(() => fold.state.kind === 'folding' && fold.state.behind === 0);
});

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

test('a fold whose checkpoint was moved by another writes nothing and looks again', async () => {
  const [first = 0] = await harness.append(someText());
  let rival = true;
  const fold = harness.start({
    apply: async (transaction, events) => {
      // Somebody who holds no lock commits the same events while this transaction is open.
      if (rival) {
        rival = false;
        await sql`update checkpoint set sequence = ${first}`.execute(harness.database);
        await sql`update total set events = events + 1`.execute(harness.database);
      }
      await sql`update total set events = events + ${events.length}`.execute(transaction);
    },
  });

  await eventually(() => !rival && fold.state.kind === 'folding' && fold.state.sequence === first);
  expect((await harness.seen()).total).toBe(1);
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 2);
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

test('parks one bad event among good ones, and the rest is folded', async () => {
  const positions = [];
  for (const text of [
    someText(),
    '{"not":"an event"}',
    someText(),
    'no JSON, and a \u0000 in it',
    someText(),
  ]) {
    positions.push(...(await harness.append(text)));
  }
  const fold = harness.start();

  await eventually(async () => (await harness.seen()).total === 3);
  expect(fold.state).toMatchObject({ kind: 'folding', parked: 2, behind: 0 });
  const parked = await sql<{ sequence: number; text: string }>`
    select sequence, text from parked_event order by sequence`.execute(harness.database);
  expect(parked.rows).toEqual([
    { sequence: positions[1], text: '{"not":"an event"}' },
    { sequence: positions[3], text: 'no JSON, and a \uFFFD in it' },
  ]);
});

test('ends before what a newer release wrote and says so; its lock is free for an instance of that release', async () => {
  await harness.append(someText());
  const [newer = 0] = await harness.append(someText().replace('"dataversion":1', '"dataversion":2'));
  await harness.append(someText());
  const fold = harness.start();

  await eventually(() => fold.state.kind === 'halted');
  expect(fold.state).toEqual({
    kind: 'halted',
    reason: expect.stringMatching(
      `^position ${newer} was written by a newer release .*upgrade this service$`,
    ),
  });
  expect(foldHealth(fold.state)).toContain('upgrade');
  expect(await harness.seen()).toMatchObject({ total: 1 });
  const parked = await sql<{ count: number }>`
    select count(*)::int as count from parked_event`.execute(harness.database);
  expect(parked.rows).toEqual([{ count: 0 }]);
  // The lock is free meanwhile.
  const lock = await acquireLock(database.url, 'folded.seen', AbortSignal.timeout(20_000));
  await lock.release();
});

test('goes on behind what a newer release wrote once the checkpoint is past it, and doubts what it knows until then', async () => {
  const [newer = 0] = await harness.append(someText().replace('"dataversion":1', '"dataversion":2'));
  await harness.append(someText());
  const doubts: boolean[] = [];
  const fold = harness.start({ onDoubt: (isDoubted) => doubts.push(isDoubted) });
  await eventually(() => fold.state.kind === 'halted');
  expect(doubts).toEqual([true]);
  await sql`update checkpoint set sequence = ${newer}, last_event_id = null`.execute(harness.database);
  await eventually(async () => (await harness.seen()).total === 1);
  expect(doubts).toEqual([true, false]);
});

test('parks a record of several outcomes of which one cannot be read, and folds the others', async () => {
  const call = { startedAt: '2026-01-01T00:00:00.000Z', durationMs: 1, statusCode: 200 };
  const sent = (place: number, attempt: number) => ({
    type: 'MessageSent',
    place,
    attempt,
    mailingVersion: 1,
    call,
  });
  const outcomes = [sent(0, 1), sent(1, -1), sent(2, 1)];
  const data = { mailingId: newId(), batch: 0, firstMessageId: 7, outcomes };
  await harness.append(JSON.stringify({ ...someEvent(), type: 'OutcomesRecorded', data }));
  const folded: number[] = [];
  const fold = harness.start({
    apply: async (_transaction, events) => {
      for (const { event } of events)
        folded.push(...outcomesOf(event).map(({ outcome }) => outcome.data.messageId));
    },
  });
  await eventually(() => fold.state.kind === 'folding' && fold.state.parked === 1);
  expect(folded).toEqual([7, 9]);
});

test('parks an event that cannot be written, and keeps what was written for the others', async () => {
  await harness.append(someText('good'), someText('good'));
  const [bad = 0] = await harness.append(someText('bad'));
  await harness.append(someText('good'));
  const fold = harness.start({
    apply: async (transaction, events) => {
      for (const { record, event } of events) {
        const poison = JSON.stringify(event.data).includes('"bad"') ? null : event.id;
        await sql`insert into seen values (${record.sequence}, ${poison})`.execute(transaction);
        await sql`update total set events = events + 1`.execute(transaction);
      }
    },
  });

  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === 4);
  const { sequences, total } = await harness.seen();
  expect({ sequences, total }).toEqual({ sequences: [1, 2, 3, 4].filter((one) => one !== bad), total: 3 });
  expect(fold.state).toMatchObject({ parked: 1 });
});

test('goes on when the broker was killed and came back', async () => {
  harness.start();
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 1);
  await nats.kill();
  await nats.restart();

  await harness.append(someText());

  await eventually(async () => (await harness.seen()).total === 2, { timeoutMs: 20_000 });
});

test('a single table that is gone is named until it is there again, and then everything is folded', async () => {
  const fold = harness.start();
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 1);
  await sql`alter table seen rename to hidden`.execute(harness.database);
  await harness.append(someText());
  const reason = await eventually(() => fold.state.kind === 'halted' && fold.state.reason);
  expect(reason).toContain('the table seen is gone');
  await sql`alter table hidden rename to seen`.execute(harness.database);
  await eventually(async () => (await harness.seen()).total === 2);
  await eventually(() => foldHealth(fold.state) === true);
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
