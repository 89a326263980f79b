import { eventually } from '@herald/testkit';
import { beforeAll, expect, test } from 'vitest';
import { readEvents } from '../../../test/event-reader.ts';
import { startHarness } from '../../../test/harness.ts';
import { PlayedStatistics } from '../../../test/played-statistics.ts';
import { useGateway } from '../../../test/use-gateway.ts';
import { GATEWAY_LIMITS } from '../../http/limits.ts';

const STREAMS = {
  ...GATEWAY_LIMITS.streams,
  lifeMs: { from: 3_500, to: 3_500 },
  heartbeatMs: 500,
  lookMs: 1_500,
};
const harness = useGateway({}, { streams: STREAMS });
const statistics = new PlayedStatistics(harness);
beforeAll(async () => {
  await statistics.start();
});

test('a stream on which nothing happens is kept alive by comments, and ends by itself', async () => {
  const { id } = await statistics.add();
  const begin = performance.now();
  const reader = readEvents(harness.port, `/mailings/${id}/stream`);
  await reader.closed;
  expect(performance.now() - begin).toBeGreaterThanOrEqual(STREAMS.lifeMs.from);
  expect(reader.comments()).toBeGreaterThanOrEqual(2);
  // Without an end: its reader comes again.
  expect(reader.events.map(({ event }) => event)).toEqual([undefined, 'stats']);
});

test('a change that was not heard of is found', async () => {
  const { id } = await statistics.add();
  const reader = readEvents(harness.port, `/mailings/${id}/stream`);
  await eventually(() => reader.events.length === 2, { message: 'the first event has come' });
  statistics.setSent(id, 5);
  await reader.closed;
  expect(reader.events.at(-1)?.data.counts.sent).toBe(5);
});

test('a stop ends all streams at once', async () => {
  const stopping = await startHarness(harness.nats.url);
  const { id } = await statistics.add();
  const readers = Array.from({ length: 5 }, () => readEvents(stopping.port, `/mailings/${id}/stream`));
  for (const reader of readers) {
    await eventually(() => reader.events.length === 2, { message: 'the first event has come' });
  }
  const begin = performance.now();
  await stopping.gateway.stop();
  // Nothing had to be forced, which takes five seconds.
  expect(performance.now() - begin).toBeLessThan(4_500);
  for (const reader of readers) await reader.closed;
  expect(readers.flatMap(({ events }) => events.map(({ event }) => event))).not.toContain('end');
  await stopping.stop();
});
