import { EVENTS_STREAM } from '@herald/contracts';
import { expect, test } from 'vitest';
import type { Broker } from './connection.ts';
import { leaderInfo } from './leader-info.ts';

function brokerWhere(cluster: object | undefined): Broker {
  return { manager: { streams: { info: async () => ({ cluster }) } } } as unknown as Broker;
}

test('is what a stream’s leader says, or a server that is alone', async () => {
  const led = { name: 'c', leader: 'node-1' };
  expect(await leaderInfo(brokerWhere(led), EVENTS_STREAM)).toEqual({ cluster: led });
  expect(await leaderInfo(brokerWhere(undefined), EVENTS_STREAM)).toEqual({ cluster: undefined });
});

// A server that has lost its majority says the same of its cluster as before, without a leader.
test.each([{ name: 'c' }, { name: 'c', leader: '' }])(
  'is nothing where nobody leads: %o',
  async (cluster) => {
    await expect(leaderInfo(brokerWhere(cluster), EVENTS_STREAM)).rejects.toThrow('EVENTS has no leader');
  },
);
