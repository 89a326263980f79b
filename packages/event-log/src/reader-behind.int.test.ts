import type { ConsumerConfig } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSubject, type LogFixture, readAll, startLog } from '../test/log-fixture.ts';
import type { Broker } from './connection.ts';
import { readLog } from './ordered-reader.ts';

/*
 * On a cluster a reader's consumer may stand on a copy of the log that is behind (test/cluster shows it with a node that
 * comes back empty). Here the first consumer is made so that it shows what such a copy shows.
 */
let log: LogFixture;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.stop());

/** The first consumer is changed on its way to the server; the others are what was asked for. */
function withFirstConsumer(change: (config: Partial<ConsumerConfig>) => Partial<ConsumerConfig>): Broker {
  const { consumers } = log.broker.manager;
  let made = 0;
  const add: typeof consumers.add = (stream, config) => {
    made += 1;
    return consumers.add(stream, made === 1 ? change(config) : config);
  };
  const manager: Broker['manager'] = Object.create(log.broker.manager, {
    consumers: { value: Object.create(consumers, { add: { value: add } }) },
    streams: { value: log.broker.manager.streams },
  });
  return { ...log.broker, manager };
}

async function fill(subject: string): Promise<void> {
  for (const text of ['a', 'b', 'c']) await log.writer.publish(subject, text);
}

test('a copy that lacks the records is not taken for the end of the log', async () => {
  const subject = freshSubject();
  await fill(subject);
  const lacking = withFirstConsumer((config) => ({ ...config, filter_subject: freshSubject() }));
  expect((await readAll(lacking, subject)).map(({ text }) => text)).toStrictEqual(['a', 'b', 'c']);
});

test('an end that was forgotten while the consumer was made is asked for again', async () => {
  const subject = freshSubject();
  await fill(subject);
  const listeners = new Set<(connected: boolean) => void>();
  const { manager } = withFirstConsumer((config) => {
    for (const listener of listeners) listener(true);
    return config;
  });
  const onChange: Broker['onChange'] = (listener) => {
    listeners.add(listener);
    return log.broker.onChange(listener);
  };
  const found = await readAll({ ...log.broker, manager, onChange }, subject);
  expect(found.map(({ text }) => text)).toStrictEqual(['a', 'b', 'c']);
});

test('what was read already is not delivered again by a copy that ends before', async () => {
  const subject = freshSubject();
  await fill(subject);
  const [, , third] = await readAll(log.broker, subject);
  const startSequence = third?.sequence ?? 0;
  const clipped = withFirstConsumer((config) => ({ ...config, opt_start_seq: 1 }));
  const found: string[] = [];
  const signal = AbortSignal.timeout(10_000);
  for await (const records of readLog(clipped, { filter: subject, startSequence, signal })) {
    found.push(...records.map(({ text }) => text));
    if (found.length > 0) break;
  }
  expect(found).toStrictEqual(['c']);
});
