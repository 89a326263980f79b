import { CLAIMS_STREAM, COORDINATION_STREAM } from '@herald/contracts';
import { connectBroker } from '@herald/event-log';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

test('somebody who listens to everything keeps no sender from starting, nor from going on', async () => {
  const { upstream, provider } = bed;
  const foreign = await connectBroker({ url: bed.nats.url, name: 'foreign' });
  foreign.connection.subscribe('>');
  await foreign.connection.flush();
  try {
    // Without a stream to agree in: neither the time of the log nor a limit can be learnt.
    await upstream.sender(provider.url, { limits: { callsPerSecond: 1_000, callsAtOnce: null } });
    const first = await upstream.startMailing({ clients: 20, batchSize: 5 });
    await eventually(() => upstream.isCompleted(first), { timeoutMs: 20_000 });

    const { manager } = upstream.runtime.broker;
    await manager.streams.delete(COORDINATION_STREAM);
    await manager.streams.delete(CLAIMS_STREAM);
    const second = await upstream.startMailing({ clients: 20, batchSize: 5 });
    await eventually(() => upstream.isCompleted(second), { timeoutMs: 25_000 });
    expect(await upstream.tally(second)).toEqual({ MessageSent: 20 });
  } finally {
    await foreign.connection.close();
  }
});
