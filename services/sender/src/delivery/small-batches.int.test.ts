import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

const BATCHES = 150;
const SIZE = 5;

test('a small batch costs few messages to the broker beside its outcomes, and several are asked for at once', async () => {
  const { upstream, provider } = bed;
  const sender = await upstream.sender(provider.url, { concurrency: 64 });
  const mailing = await upstream.startMailing({ clients: BATCHES * SIZE, batchSize: SIZE, paused: true });
  const before = sender.broker.connection.stats().outMsgs;
  await upstream.resume(mailing.id);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000, everyMs: 250 });
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: BATCHES * SIZE });
  const sent = sender.broker.connection.stats().outMsgs - before;
  // Each has its claim, one look at the log, its end, its acknowledgement and the release of the claim. Requests for
  // work and questions about recipients are shared. It were nine before.
  expect((sent - BATCHES * SIZE) / BATCHES).toBeLessThan(7.5);
});
