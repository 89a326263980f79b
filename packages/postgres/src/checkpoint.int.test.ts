import { EVENTS_STREAM, newId } from '@herald/contracts';
import { type Broker, ensureTopology } from '@herald/event-log';
import { eventually } from '@herald/testkit';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { someText } from '../test/fold-harness.ts';
import { useFolds } from '../test/use-folds.ts';
import { CheckpointMovedError, LogReplacedError, moveCheckpoint, readCheckpoint } from './checkpoint.ts';
import { foldHealth } from './fold-state.ts';

const harness = useFolds();

/** A model that has folded three events and is stopped. */
async function foldThree(): Promise<void> {
  await harness.append(someText(), someText(), someText());
  const fold = harness.start();
  await eventually(async () => (await harness.seen()).total === 3);
  await fold.stop();
}

const read = () => readCheckpoint(harness.database, 'seen', harness.broker);

async function breakReason(): Promise<string> {
  const fold = harness.start();
  return eventually(() => fold.state.kind === 'broken' && fold.state.reason);
}

test('begins at position 0 of the present log', async () => {
  const stream = await harness.broker.manager.streams.info(EVENTS_STREAM);
  expect(await read()).toEqual({ sequence: 0, streamCreated: stream.created, lastEventId: null });
});

test('moves only from where it was left, and the transaction that lost is not committed', async () => {
  await harness.append(someText(), someText());
  const from = await read();
  const to = { sequence: 1, lastEventId: null, storedAt: Date.now() };
  const move = () =>
    harness.database.transaction().execute(async (transaction) => {
      await sql`update total set events = events + 1`.execute(transaction);
      await moveCheckpoint(transaction, 'seen', from, to);
    });

  const results = await Promise.allSettled([move(), move()]);

  const lost = results.filter((result) => result.status === 'rejected');
  expect(lost.map((result) => result.reason)).toEqual([expect.any(CheckpointMovedError)]);
  expect((await harness.seen()).total).toBe(1);
  expect((await read()).sequence).toBe(1);
});

test('refuses a log that was made anew', async () => {
  await foldThree();
  await harness.broker.manager.streams.delete(EVENTS_STREAM);
  await ensureTopology(harness.broker, { replicas: 1 });
  await harness.append(...Array.from({ length: 5 }, () => someText()));

  await expect(read()).rejects.toThrow(LogReplacedError);
  expect(await breakReason()).toMatch(
    /the stream was made at .*, the model follows one made at .*rebuild it/,
  );
  expect((await harness.seen()).total).toBe(3);
});

test('refuses a log that ends before what was folded', async () => {
  await foldThree();
  await sql`update checkpoint set sequence = 10`.execute(harness.database);

  await expect(read()).rejects.toThrow(LogReplacedError);
  expect(await breakReason()).toContain('the log ends at 3, the model is at 10');
});

test('refuses a log that holds another event where the last folded one stood', async () => {
  await foldThree();
  await sql`update checkpoint set last_event_id = ${newId()}`.execute(harness.database);

  await expect(read()).rejects.toThrow(LogReplacedError);
  expect(await breakReason()).toContain('position 3 holds another event than the one folded');
});

/** The broker, until so many answers were given with a log that ends at 1 and a cluster as told. */
function brokerBehind(untilAnswers: number, cluster: object): Broker {
  const { manager } = harness.broker;
  let answers = 0;
  const info: typeof manager.streams.info = async (stream) => {
    const found = await manager.streams.info(stream);
    answers += 1;
    return answers > untilAnswers ? found : { ...found, ...cluster, state: { ...found.state, last_seq: 1 } };
  };
  const streams = Object.create(manager.streams, { info: { value: info } });
  const behind = Object.create(manager, {
    streams: { value: streams },
    consumers: { value: manager.consumers },
  });
  return { ...harness.broker, manager: behind };
}

test('folds nothing and goes on afterwards where a leader of before says for a while that the log ends too early', async () => {
  await foldThree();
  const doubts: boolean[] = [];
  const fold = harness.start({
    broker: brokerBehind(6, {}),
    certainAfterMs: 60_000,
    onDoubt: (isDoubted) => doubts.push(isDoubted),
  });
  await harness.append(someText());
  await eventually(() => foldHealth(fold.state) !== true);
  expect(fold.state).toMatchObject({ kind: 'halted', reason: expect.stringContaining('the log ends at 1') });
  await eventually(async () => (await harness.seen()).total === 4);
  await eventually(() => fold.state.kind === 'folding');
  expect(doubts).toEqual([true, false]);
});

test('believes no server that says for long that the log ends too early, where nobody leads it', async () => {
  await foldThree();
  const fold = harness.start({ broker: brokerBehind(6, { cluster: { name: 'c' } }), certainAfterMs: 600 });
  await harness.append(someText());
  await eventually(() => fold.state.kind === 'folding' || fold.state.kind === 'broken');
  expect(fold.state.kind).toBe('folding');
  await eventually(async () => (await harness.seen()).total === 4);
});
