import {
  COMMANDS_STREAM,
  COORDINATION_STREAM,
  coordinationSubjects,
  EVENTS_STREAM,
  newId,
} from '@herald/contracts';
import { startTestNats, type TestNats } from '@herald/testkit';
import { DiscardPolicy } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshSubject } from '../test/log-fixture.ts';
import { type Broker, connectBroker } from './connection.ts';
import { ensureCoordination, ensureTopology, topologyAnswers, UnsafeReplicationError } from './topology.ts';
import { LogWriter } from './writer.ts';

let nats: TestNats;
let brokers: Broker[];
beforeAll(async () => {
  nats = await startTestNats();
  brokers = await Promise.all([1, 2, 3].map((number) => connectBroker({ url: nats.url, name: `${number}` })));
});
afterAll(async () => {
  for (const broker of brokers) await broker.connection.close();
  await nats.stop();
});

function first(): Broker {
  const [broker] = brokers;
  if (broker === undefined) throw new Error('no broker');
  return broker;
}

test('streams that are not there do not answer', async () => {
  await expect(topologyAnswers(first())).rejects.toThrow(/stream not found/);
});

test('many services make the streams at once, and again later', async () => {
  await Promise.all(brokers.map((broker) => ensureTopology(broker, { replicas: 1 })));
  await ensureTopology(first(), { replicas: 1 });
  await topologyAnswers(first());
});

test('the log takes no deletion and forgets nothing, commands go after seven days', async () => {
  const { config } = await first().manager.streams.info(EVENTS_STREAM);
  expect(config).toMatchObject({
    subjects: ['events.>'],
    retention: 'limits',
    storage: 'file',
    discard: 'new',
    deny_delete: true,
    deny_purge: true,
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
  });
  const commands = (await first().manager.streams.info(COMMANDS_STREAM)).config;
  expect(commands).toMatchObject({
    subjects: ['commands.>', 'accepted.*'],
    max_age: 7 * 24 * 3_600 * 1e9,
    discard: 'new',
    max_bytes: 256 * 1_024 * 1_024,
  });
});

test('commands of a former release get their limit, but never at the price of what stands there', async () => {
  const { streams } = first().manager;
  const limits = async () => {
    const { config } = await streams.info(COMMANDS_STREAM);
    return { discard: config.discard, max_bytes: config.max_bytes };
  };
  const options = { replicas: 1, commandsMaxBytes: 20_000 };
  await streams.update(COMMANDS_STREAM, { discard: DiscardPolicy.Old, max_bytes: -1 });
  const writer = new LogWriter(first());
  for (let number = 0; number < 3; number += 1) await writer.publish('commands.client.x', 'x'.repeat(9_000));
  await ensureTopology(first(), options);
  expect(await limits()).toEqual({ discard: 'new', max_bytes: -1 });
  expect((await streams.info(COMMANDS_STREAM)).state.messages).toBe(3);

  await streams.purge(COMMANDS_STREAM);
  await ensureTopology(first(), options);
  expect(await limits()).toEqual({ discard: 'new', max_bytes: 20_000 });
  await ensureTopology(first(), { replicas: 1 });
  expect(await limits()).toEqual({ discard: 'new', max_bytes: 20_000 });
  writer.close();
});

test('what processes agree on lives in memory, and only the newest of each subject', async () => {
  await Promise.all(brokers.map((broker) => ensureCoordination(broker, { replicas: 1 })));
  const { config } = await first().manager.streams.info(COORDINATION_STREAM);
  expect(config).toMatchObject({
    subjects: ['coordination.>'],
    storage: 'memory',
    discard: 'old',
    max_msgs_per_subject: 1,
    max_age: 3_600 * 1e9,
  });
  const writer = new LogWriter(first());
  const subject = coordinationSubjects.clock(newId());
  for (const text of ['older', 'newer']) await writer.publish(subject, text);
  writer.close();
  const { state } = await first().manager.streams.info(COORDINATION_STREAM, { subjects_filter: subject });
  expect(state.subjects).toEqual({ [subject]: 1 });
});

test('a stream in memory that was lost is made again', async () => {
  await first().manager.streams.delete(COORDINATION_STREAM);
  await ensureCoordination(first(), { replicas: 1 });
  await ensureCoordination(first(), { replicas: 1 });
  const { state } = await first().manager.streams.info(COORDINATION_STREAM);
  expect(state.messages).toBe(0);
});

test('what stands in the log cannot be taken out of it', async () => {
  const writer = new LogWriter(first());
  await writer.publish(freshSubject(newId()), 'kept');
  await expect(first().manager.streams.purge(EVENTS_STREAM)).rejects.toThrow();
  await expect(first().manager.streams.deleteMessage(EVENTS_STREAM, 1)).rejects.toThrow();
  writer.close();
});

test('limits that an operator has set are left as they are', async () => {
  await first().manager.streams.update(COMMANDS_STREAM, { max_age: 3_600 * 1e9 });
  await ensureTopology(first(), { replicas: 1 });
  const { config } = await first().manager.streams.info(COMMANDS_STREAM);
  expect(config.max_age).toBe(3_600 * 1e9);
});

describe('more than one replica', () => {
  /** The same server, under another version. */
  const ofVersion = (version: string): Broker => {
    const info = { ...first().connection.info, version };
    return { ...first(), connection: Object.create(first().connection, { info: { value: info } }) };
  };

  test.each(['2.9.10', '2.9.20', '2.8.99', '1.99.99'])('is refused on a server %s', async (version) => {
    const asking = ensureTopology(ofVersion(version), { replicas: 3 });
    await expect(asking).rejects.toThrow(UnsafeReplicationError);
  });

  test.each(['2.9.21', '2.10.0', '2.12.6-beta.1', '3.0.0'])(
    'may be asked of a server %s',
    async (version) => {
      await ensureTopology(ofVersion(version), { replicas: 3 });
    },
  );
});
