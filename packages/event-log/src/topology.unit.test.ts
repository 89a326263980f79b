import { COMMANDS_STREAM } from '@herald/contracts';
import { expect, test } from 'vitest';
import type { Broker } from './connection.ts';
import { topologyAnswers } from './topology.ts';

/** What nats-server 2.10 says of its cluster when the majority is lost: the same, without a leader. */
function brokerWhere(clusterOf: (stream: string) => object | undefined): Broker {
  const info = async (stream: string) => ({ cluster: clusterOf(stream) });
  return { manager: { streams: { info } } } as unknown as Broker;
}

test('streams that answer and have a leader, or a server that is alone, answer', async () => {
  expect(await topologyAnswers(brokerWhere(() => ({ name: 'c', leader: 'node-1' })))).toBe(true);
  expect(await topologyAnswers(brokerWhere(() => undefined))).toBe(true);
});

test('a stream that nobody leads is named, although a server answers about it', async () => {
  const broker = brokerWhere((stream) => ({ name: 'c', leader: stream === COMMANDS_STREAM ? '' : 'node-1' }));
  expect(await topologyAnswers(broker)).toBe('COMMANDS has no leader');
});
