import {
  CLAIMS_STREAM,
  COORDINATION_STREAM,
  claimSubjects,
  coordinationSubjects,
  newId,
} from '@herald/contracts';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Broker, connectBroker } from './connection.ts';
import { openClaims, openCoordination, type RecordStore, RecordsUnavailableError } from './record-store.ts';
import { ensureCoordination } from './topology.ts';

let nats: TestNats;
let broker: Broker;
let coordination: RecordStore;

beforeAll(async () => {
  nats = await startTestNats();
  broker = await connectBroker({ url: nats.url, name: 'test' });
  coordination = openCoordination(broker, { replicas: 1 });
});

afterAll(async () => {
  await broker.connection.close();
  await nats.stop();
});

const freshSubject = (): string => coordinationSubjects.mailingRate(newId());

test('makes its stream where it is missing, whatever is asked first', async () => {
  const subject = freshSubject();
  expect(await coordination.replace(subject, 'x', 0)).not.toBeNull();
  await broker.manager.streams.delete(COORDINATION_STREAM);
  expect(await coordination.read(subject)).toBeNull();
  const { config } = await broker.manager.streams.info(COORDINATION_STREAM);
  expect(config).toMatchObject({
    subjects: ['coordination.>'],
    storage: 'memory',
    max_msgs_per_subject: 1,
    max_age: 3_600 * 1e9,
  });
  await Promise.all([1, 2].map(() => ensureCoordination(broker, { replicas: 1 })));
});

test('a record is replaced by whoever has read the last one, and by nobody else', async () => {
  const subject = freshSubject();
  const first = await coordination.replace(subject, '{"a":1}', 0);
  if (first === null) throw new Error('somebody else was first');
  expect(await coordination.replace(subject, 'late', 0)).toBeNull();
  expect(await coordination.replace(subject, 'b', first)).toBeGreaterThan(first);
  expect(await coordination.replace(subject, 'late', first)).toBeNull();
  expect((await coordination.read(subject))?.text).toBe('b');
});

test('of many that replace the same record at once exactly one does', async () => {
  const subject = freshSubject();
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, number) => coordination.replace(subject, String(number), 0)),
  );
  expect(results.filter((sequence) => sequence !== null).length).toBe(1);
});

test('the server says when it stored something, by its own clock', async () => {
  const subject = freshSubject();
  const before = Date.now();
  const sequence = await coordination.put(subject, '');
  const stored = await coordination.read(subject);
  expect(stored).toMatchObject({ sequence, text: '' });
  expect(stored?.storedAt).toBeGreaterThan(before - 5);
  expect(stored?.storedAt).toBeLessThan(Date.now() + 5);
});

test('claims that somebody deleted with their stream are made again, and are nobody’s', async () => {
  const claims = openClaims(broker, { replicas: 1 });
  const subject = claimSubjects.batch(newId(), 0);
  expect(await claims.read(subject)).toBeNull();
  const first = await claims.replace(subject, 'mine', 0);
  expect(first).not.toBeNull();
  await broker.manager.streams.delete(CLAIMS_STREAM);
  expect(await claims.replace(subject, 'still mine', first ?? 0)).toBeNull();
  expect(await claims.read(subject)).toBeNull();
  expect(await claims.replace(subject, 'mine again', 0)).not.toBeNull();
  expect((await broker.manager.streams.info(CLAIMS_STREAM)).config.storage).toBe('file');
});

test('a subscriber to everything does not keep a stream that is gone from being made again', async () => {
  const foreign = await connectBroker({ url: nats.url, name: 'foreign' });
  foreign.connection.subscribe('>');
  await foreign.connection.flush();
  try {
    for (const [store, stream, subject] of [
      [coordination, COORDINATION_STREAM, freshSubject()],
      [openClaims(broker, { replicas: 1 }), CLAIMS_STREAM, claimSubjects.batch(newId(), 0)],
    ] as const) {
      await broker.manager.streams.delete(stream);
      await eventually(async () => (await store.replace(subject, 'x', 0, 500)) !== null);
    }
  } finally {
    await foreign.connection.close();
  }
});

test('after a restart of the server everything is forgotten, and the stream made again', async () => {
  const subject = freshSubject();
  await coordination.put(subject, 'forgotten');
  await nats.kill();
  await expect(coordination.read(subject)).rejects.toThrow(RecordsUnavailableError);
  await nats.restart();
  await eventually(async () => (await coordination.read(subject)) === null, { timeoutMs: 15_000 });
  expect(await coordination.replace(subject, 'again', 0)).not.toBeNull();
});
