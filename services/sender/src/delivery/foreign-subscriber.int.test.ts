import { CLAIMS_STREAM, COORDINATION_STREAM } from '@herald/contracts';
import { connectBroker } from '@herald/event-log';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { useStage } from '../testing/stage.ts';

const stage = useStage();

test('somebody who listens to everything keeps no sender from starting, nor from going on', async () => {
  const { house, provider } = stage;
  const foreign = await connectBroker({ url: stage.nats.url, name: 'foreign' });
  foreign.connection.subscribe('>');
  await foreign.connection.flush();
  try {
    // Without a stream to agree in: neither the time of the log nor a limit can be learnt.
    await house.sender(provider.url, { limits: { callsPerSecond: 1_000, callsAtOnce: null } });
    const first = await house.startMailing({ clients: 20, batchSize: 5 });
    await eventually(() => house.isCompleted(first), { timeoutMs: 20_000 });

    const { manager } = house.runtime.broker;
    await manager.streams.delete(COORDINATION_STREAM);
    await manager.streams.delete(CLAIMS_STREAM);
    const second = await house.startMailing({ clients: 20, batchSize: 5 });
    await eventually(() => house.isCompleted(second), { timeoutMs: 25_000 });
    expect(await house.tally(second)).toEqual({ MessageSent: 20 });
  } finally {
    await foreign.connection.close();
  }
});
