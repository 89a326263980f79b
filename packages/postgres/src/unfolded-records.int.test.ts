import { newId, outcomesOf } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { someEvent, someText } from '../test/fold-harness.ts';
import { useFolds } from '../test/use-folds.ts';
import { acquireLock } from './advisory-lock.ts';
import { foldHealth } from './fold-state.ts';

const harness = useFolds();

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
  const lock = await acquireLock(harness.databaseUrl, 'folded.seen', AbortSignal.timeout(20_000));
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

test('counts a record once of which one outcome cannot be read and another not be written', async () => {
  const failed = (place: number, attempt: number) => ({
    type: 'MessageFailed',
    place,
    attempt,
    mailingVersion: 1,
    error: 'refused',
    call: null,
  });
  const outcomes = [failed(0, 1), failed(1, -1), failed(2, 1)];
  const data = { mailingId: newId(), batch: 0, firstMessageId: 7, outcomes };
  await harness.append(JSON.stringify({ ...someEvent(), type: 'OutcomesRecorded', data }));
  const fold = harness.start({
    apply: async (_transaction, events) => {
      for (const { event } of events)
        for (const { outcome } of outcomesOf(event))
          if (outcome.data.messageId === 9) throw new Error('cannot be written');
    },
  });
  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === 1);
  expect(fold.state).toMatchObject({ parked: 1 });
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
