import { startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Broker, connectBroker } from './connection.ts';
import { untilHeard } from './until-heard.ts';

let nats: TestNats;
let broker: Broker;
beforeAll(async () => {
  nats = await startTestNats();
  broker = await connectBroker({ url: nats.url, name: 'saying' });
});
afterAll(async () => {
  await broker.connection.close();
  await nats.stop();
});

test('what nobody listens to is said again until somebody does, as where a leader was lost', async () => {
  let said = 0;
  const heard = untilHeard(
    broker,
    'a.subject',
    () => {
      said += 1;
      // The first one meets nobody.
      if (said === 2) {
        broker.connection.subscribe('a.subject', { callback: (_error, message) => void message.respond() });
      }
      return 'words';
    },
    20_000,
  );
  expect([await heard, said]).toEqual([true, 2]);
});

test('what nobody ever listens to is given up in time', async () => {
  let said = 0;
  const say = (): string => {
    said += 1;
    return 'words';
  };
  expect(await untilHeard(broker, 'another.subject', say, 700)).toBe(false);
  expect(said).toBeGreaterThan(1);
});
