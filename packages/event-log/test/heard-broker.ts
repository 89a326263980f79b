import type { Msg } from 'nats';
import type { Broker } from '../src/connection.ts';
import { sizeOf } from '../src/puller.ts';

/** A broker of which each message that the server sends goes through `hear` before it is handed over. */
function heardBroker(broker: Broker, hear: (message: Msg, handOver: () => void) => void): Broker {
  const connection: Broker['connection'] = Object.create(broker.connection, {
    subscribe: {
      value: ((subject, options) =>
        broker.connection.subscribe(subject, {
          ...options,
          callback: (error, message) => hear(message, () => void options?.callback?.(error, message)),
        })) satisfies Broker['connection']['subscribe'],
    },
    publish: { value: broker.connection.publish.bind(broker.connection) },
  });
  return { ...broker, connection };
}

/** Notes the size of each record that the server has handed to a connection. */
export function countingBroker(broker: Broker): { broker: Broker; sizes: readonly number[] } {
  const sizes: number[] = [];
  const counting = heardBroker(broker, (message, handOver) => {
    if (message.reply?.startsWith('$JS.ACK') === true) sizes.push(sizeOf(message));
    handOver();
  });
  return { broker: counting, sizes };
}

/** Holds back that a request has come to its end, until that is handed over; which returns how often it was said. */
export function withStatusesHeldBack(broker: Broker): { broker: Broker; handOver: () => number } {
  const held: Array<() => void> = [];
  const holding = heardBroker(broker, (message, handOver) => {
    // 404: servers from 2.11.11 and 2.12.2 on.
    if (message.headers?.code === 408 || message.headers?.code === 404) held.push(handOver);
    else handOver();
  });
  const handOver = (): number => {
    const statuses = held.splice(0);
    for (const hand of statuses) hand();
    return statuses.length;
  };
  return { broker: holding, handOver };
}
