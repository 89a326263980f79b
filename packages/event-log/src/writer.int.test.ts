import { COMMANDS_STREAM } from '@herald/contracts';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Broker, connectBroker } from './connection.ts';
import { ensureTopology } from './topology.ts';
import { LogWriter } from './writer.ts';

let nats: TestNats;
let broker: Broker;
let writer: LogWriter;
beforeAll(async () => {
  nats = await startTestNats();
  broker = await connectBroker({ url: nats.url, name: 'writer' });
  await ensureTopology(broker, { replicas: 1 });
  writer = new LogWriter(broker);
});
afterAll(async () => {
  writer.close();
  await broker.connection.close();
  await nats.stop();
});

test('what the client itself refuses is told once and not tried again', async () => {
  const tooLarge = 'x'.repeat((broker.connection.info?.max_payload ?? 0) + 1);
  await expect(writer.publish('commands.client.x', tooLarge)).rejects.toThrow(/payload/);
  expect(writer.inFlight).toBe(0);
  expect(await writer.publish('commands.client.x', 'fits')).toMatchObject({ kind: 'stored' });
});

test('a place that one who waits for it does not take is taken by the next', async () => {
  const WINDOW = 2_048;
  await nats.freeze();
  const subject = 'commands.client.y';
  const published = Array.from({ length: WINDOW - 1 }, () => writer.publish(subject, '{}'));
  const offered = writer.offer(subject, '{}', {}, 300);
  const bad = writer.publish(subject, '{}', { messageId: 'no\nheader' });
  const refused = expect(bad).rejects.toThrow();
  published.push(writer.publish(subject, 'the last'));
  try {
    expect(await offered).toEqual({ kind: 'unanswered', sent: true });
    await refused;
    await eventually(() => writer.inFlight === WINDOW);
  } finally {
    await nats.thaw();
  }
  const results = await Promise.all(published);
  expect(results.every(({ kind }) => kind === 'stored')).toBe(true);
});

test('an offer that is not acknowledged in time puts the log in doubt until something is stored', async () => {
  const subject = 'commands.client.z';
  await broker.manager.streams.update(COMMANDS_STREAM, { no_ack: true });
  try {
    const published = writer.publish(subject, 'waits');
    expect(writer.inDoubt).toBe(false);
    expect(await writer.offer(subject, '{}', {}, 100)).toEqual({ kind: 'unanswered', sent: true });
    expect(writer.inDoubt).toBe(true);
    // Timers may fire a fraction of a millisecond early.
    expect(writer.oldestMs).toBeGreaterThanOrEqual(99);
    await broker.manager.streams.update(COMMANDS_STREAM, { no_ack: false });
    expect(await published).toMatchObject({ kind: 'stored' });
  } finally {
    await broker.manager.streams.update(COMMANDS_STREAM, { no_ack: false });
  }
  expect(writer.inDoubt).toBe(false);
  expect(writer.oldestMs).toBe(0);
});

test('an acknowledgement that comes after its offer was given up ends the doubt', async () => {
  await nats.freeze();
  try {
    // It may answer once more before it stops.
    await eventually(async () => {
      const { kind } = await writer.offer('commands.client.late', '{}', {}, 100);
      return kind === 'unanswered';
    });
    expect(writer.inDoubt).toBe(true);
  } finally {
    await nats.thaw();
  }
  await eventually(() => !writer.inDoubt);
});

test('what the server remembers to have stored before does not end the doubt', async () => {
  const subject = 'commands.client.again';
  const remembered = { messageId: 'again' };
  await writer.publish(subject, '{}', remembered);
  await broker.manager.streams.update(COMMANDS_STREAM, { no_ack: true });
  try {
    await writer.offer(subject, '{}', {}, 100);
  } finally {
    await broker.manager.streams.update(COMMANDS_STREAM, { no_ack: false });
  }
  expect(await writer.publish(subject, '{}', remembered)).toMatchObject({ kind: 'stored', duplicate: true });
  expect(writer.inDoubt).toBe(true);
  await writer.publish(subject, 'another');
  expect(writer.inDoubt).toBe(false);
});
