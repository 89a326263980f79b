import { expect, test } from 'vitest';
import type { Broker } from './connection.ts';
import { WorkQueue } from './work-queue.ts';

/** A queue whose requests are counted, and come to an end when the test says so. */
function queueOf() {
  let requests = 0;
  let idle = 0;
  let receive: (error: null, message: unknown) => void = () => {};
  const connection = {
    subscribe: (_subject: string, options: { callback: typeof receive }) => {
      receive = options.callback;
      return { drain: async () => {} };
    },
    publish: () => {
      requests += 1;
    },
    request: async () => {},
  };
  const broker = { connection, isConnected: () => true } as unknown as Broker;
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
  return { queue, expire, seen: () => ({ requests, idle }) };
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
