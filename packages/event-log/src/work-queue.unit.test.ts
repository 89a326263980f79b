import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Broker } from './connection.ts';
import { WorkQueue } from './work-queue.ts';

/** A queue whose requests are counted, and come to an end when the test says so. */
function queueOf() {
  let requests = 0;
  let idle = 0;
  const asked: string[] = [];
  const forgotten = Promise.withResolvers<void>();
  let receive: (error: null, message: unknown) => void = () => {};
  const connection = {
    subscribe: (_subject: string, options: { callback: typeof receive }) => {
      receive = options.callback;
      return { drain: async () => {} };
    },
    publish: () => {
      requests += 1;
    },
    isClosed: () => false,
    request: async (subject: string, words: string) => {
      asked.push(words === '' ? subject : words);
      if (words === '') await forgotten.promise;
    },
  };
  const broker = {
    connection,
    isConnected: () => true,
    onChange: () => () => {},
  } as unknown as Broker;
  const queue = new WorkQueue(broker, {
    stream: 'S',
    consumer: 'c',
    handle: () => {},
    idle: () => {
      idle += 1;
    },
    lost: () => {},
  });
  const expire = (): void =>
    receive(null, {
      data: new Uint8Array(),
      headers: { code: 408, description: 'Request Timeout', get: () => '1' },
    });
  const deliver = (): void =>
    receive(null, {
      data: new Uint8Array(1),
      reply: '$JS.ACK.S.c.1.7.1.1795819043649536483.0',
      string: () => 'late',
    });
  return { queue, expire, deliver, asked, forget: forgotten.resolve, seen: () => ({ requests, idle }) };
}

test('a request that expires is renewed as long as its delivery is wanted', () => {
  const { queue, expire, seen } = queueOf();
  queue.want(1);
  expire();
  expire();
  expect(seen()).toEqual({ requests: 3, idle: 0 });
  void queue.close();
});

test('whoever wanted nothing for a while is told when the request that stood is gone', () => {
  const { queue, expire, seen } = queueOf();
  queue.want(1);
  queue.want(0);
  expire();
  expect(seen()).toEqual({ requests: 1, idle: 1 });
  queue.want(1);
  expect(seen()).toEqual({ requests: 2, idle: 1 });
  void queue.close();
});

test('what comes late is given back only when the server has forgotten the requests', async () => {
  const { queue, deliver, asked, forget } = queueOf();
  queue.want(2);
  const closed = queue.close();
  deliver();
  await setImmediate();
  expect(asked).toEqual(['$JS.API.CONSUMER.INFO.S.c']);
  forget();
  await closed;
  expect(asked.slice(1)).toEqual(['-NAK {"delay":0}']);
});

test('a queue that is closed asks for nothing any more, and whoever closes it again waits as long', async () => {
  const { queue, forget, seen } = queueOf();
  let isClosed = false;
  void queue.close();
  const again = queue.close().then(() => {
    isClosed = true;
  });
  queue.want(3);
  await setImmediate();
  expect([seen().requests, isClosed]).toEqual([0, false]);
  forget();
  await again;
});
