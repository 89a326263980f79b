import { startTestNats, type TestNats } from '@herald/testkit';
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
