import { setTimeout } from 'node:timers/promises';
import { eventSubjects, newId } from '@herald/contracts';
import { eventually, startProxy } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchCompleted, type LogFixture, readAll, startLog } from '../test/log-fixture.ts';
import { appendDecided, appendExpecting } from './append.ts';
import { connectBroker } from './connection.ts';
import { loadLast } from './load.ts';

import { LogWriter } from './writer.ts';

let log: LogFixture;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.stop());

test('of two appends under one expectation one lands and the other is told of the conflict', async () => {
  const subject = eventSubjects.batch(newId(), 0);
  const [first, second] = [batchCompleted(newId()), batchCompleted(newId())];
  const results = await Promise.all(
    [first, second].map((event) => appendExpecting(log.broker, log.writer, subject, event, 0)),
  );
  expect(results.map(({ kind }) => kind).toSorted()).toStrictEqual(['appended', 'conflict']);
  expect(await readAll(log.broker, subject)).toHaveLength(1);
});

test('an append behind the last event lands, and one behind the one before does not', async () => {
  const subject = eventSubjects.batch(newId(), 0);
  const append = (expected: number) =>
    appendExpecting(log.broker, log.writer, subject, batchCompleted(newId()), expected);
  const first = await append(0);
  if (first.kind !== 'appended') throw new Error('the first was not appended');
  const second = await append(first.sequence);
  expect(second.kind).toBe('appended');
  expect(await append(first.sequence)).toStrictEqual({ kind: 'conflict' });
});

test('an append whose acknowledgement was lost is recognised as the own first attempt', async () => {
  const proxy = await startProxy(log.nats.url);
  const broker = await connectBroker({ url: proxy.url, name: 'cut off' });
  const writer = new LogWriter(broker);
  const subject = eventSubjects.batch(newId(), 0);
  const event = batchCompleted(newId());

  proxy.deafen();
  const appending = appendExpecting(broker, writer, subject, event, 0);
  await eventually(() => loadLast(log.broker, subject), { message: 'the event is in the log' });
  proxy.cut();

  expect(await appending).toMatchObject({ kind: 'appended' });
  expect(await readAll(log.broker, subject)).toHaveLength(1);
  writer.close();
  await broker.connection.close();
  await proxy.stop();
});

test('an append whose acknowledgement was lost is a conflict where another had been there before', async () => {
  const proxy = await startProxy(log.nats.url);
  const broker = await connectBroker({ url: proxy.url, name: 'cut off' });
  const writer = new LogWriter(broker);
  const subject = eventSubjects.batch(newId(), 0);
  await log.writer.publish(subject, JSON.stringify(batchCompleted(newId())));

  proxy.deafen();
  const appending = appendExpecting(broker, writer, subject, batchCompleted(newId()), 0);
  await setTimeout(100);
  proxy.cut();

  expect(await appending).toStrictEqual({ kind: 'conflict' });
  writer.close();
  await broker.connection.close();
  await proxy.stop();
});

test('of many that decide on one subject at once each decides on what the others have appended', async () => {
  const subject = eventSubjects.batch(newId(), 0);
  const mailingId = newId();
  const decided = await Promise.all(
    Array.from({ length: 10 }, () =>
      appendDecided(log.broker, log.writer, subject, (last) => {
        const count = last?.event.type === 'BatchCompleted' ? last.event.data.batch : 0;
        return count === 5 ? null : batchCompleted(mailingId, count + 1);
      }),
    ),
  );
  expect(decided.filter(({ appended }) => appended !== null)).toHaveLength(5);
  const batches = (await readAll(log.broker, subject)).map(({ text }) => JSON.parse(text).data.batch);
  expect(batches).toStrictEqual([1, 2, 3, 4, 5]);
  expect(decided.every(({ sequence }) => sequence > 0)).toBe(true);
});
