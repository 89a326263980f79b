import { askInstances } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { figureOf } from '../../test/bed/figures.ts';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

/** The wall clock of a sender in this process. */
function makeClock(): { now: () => number; aheadMs: number } {
  const clock = { now: () => Date.now() + clock.aheadMs, aheadMs: 0 };
  return clock;
}

test.for([120, -120])(
  'a sender whose clock is %i ms ahead at its start calls nobody and says why',
  async (aheadMs) => {
    const { upstream, provider } = bed;
    const clock = makeClock();
    clock.aheadMs = aheadMs;
    const sender = await upstream.sender(provider.url, { now: clock.now });
    const mailing = await upstream.startMailing({ clients: 20 });
    const way = aheadMs > 0 ? 'ahead of' : 'behind';
    await eventually(async () => {
      const said = (await sender.health.problems()).clock ?? '';
      return (
        said.includes(`ms (give or take`) && said.includes(`${way} the time of the log; tolerated are 50`)
      );
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await provider.requests()).toBe(0);
    expect(await figureOf(sender, 'clock_trusted')).toBe(0);
    expect(await figureOf(sender, 'admission')).toBe(0);
    const offset = await figureOf(sender, 'clock_offset_seconds');
    // As exact as it says itself, which depends on how quickly the broker answered.
    const error = await figureOf(sender, 'clock_error_seconds');
    expect(Math.abs(offset + aheadMs / 1_000)).toBeLessThanOrEqual(error);
    expect(error).toBeLessThan(0.1);
    // Nothing was pulled for it either: another sender has it all.
    clock.aheadMs = 0;
    await eventually(() => upstream.isCompleted(mailing));
    expect(await upstream.tally(mailing)).toEqual({ MessageSent: 20 });
    expect(await sender.health.problems()).toEqual({});
  },
);

test('what a sender has in hand when its clock is set goes to another at once', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 100 });
  const clock = makeClock();
  const wrong = await upstream.sender(provider.url, { now: clock.now, concurrency: 8 });
  const mailing = await upstream.startMailing({ clients: 240, batchSize: 120 });
  await eventually(async () => (await provider.requests()) >= 20);
  clock.aheadMs = 10_000;
  await eventually(async () => 'clock' in (await wrong.health.problems()));
  await eventually(async () => (await figureOf(wrong, 'calls_in_flight')) === 0);
  const stoppedAt = await provider.requests();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await provider.requests()).toBe(stoppedAt);
  expect(stoppedAt).toBeLessThan(180);
  await provider.behave({});
  await upstream.sender(provider.url, { concurrency: 8 });
  // Nobody waits for an ack wait of 30 s.
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 15_000 });
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 240 });
  expect(await provider.requests()).toBe(240);
});

test('what was asked for before the clock was set is not kept either', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault: { kind: 'status', status: 503 }, match: { firstAttempts: 1 } }] });
  const clock = makeClock();
  await upstream.sender(provider.url, { now: clock.now });
  const mailing = await upstream.startMailing({ clients: 10 });
  await eventually(async () => (await provider.requests()) === 10);
  // The batch is put off for half a second at most, and the request for the next one stands.
  clock.aheadMs = -10_000;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await upstream.sender(provider.url);
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageRetried: 10, MessageSent: 10 });
});

test('a restart of the broker, which loses the stream in memory, is got over', async () => {
  const { upstream, provider } = bed;
  const sender = await upstream.sender(provider.url);
  await eventually(async () => !('clock' in (await sender.health.problems())));
  await bed.nats.kill();
  await bed.nats.restart();
  await eventually(async () => {
    await upstream.runtime.broker.manager.streams.info('COORDINATION');
    return true;
  });
  const mailing = await upstream.startMailing({ clients: 20 });
  await eventually(() => upstream.isCompleted(mailing));
  expect(await sender.health.problems()).toEqual({});
});

test('with a clock that is behind a process would call after the end, and does not', async () => {
  const { upstream, provider, processes } = bed;
  await provider.behave({ latencyMs: 50 });
  const child = await processes.start();
  const endsInMs = 6_000;
  const mailing = await upstream.startMailing({ clients: 2_000, endsInMs });
  const endAt = Date.now() + endsInMs;
  await eventually(async () => (await provider.requests()) >= 40);
  child.send({ clockAheadMs: -3_000 });
  await eventually(async () => {
    const [report] = (await askInstances(upstream.runtime.broker)).filter(
      ({ service }) => service === 'sender',
    );
    return report?.problems.clock?.includes('behind');
  });
  await new Promise((resolve) => setTimeout(resolve, endAt + 1_000 - Date.now()));
  const late = (await provider.journal()).filter((entry) => entry.at >= endAt - 100);
  expect(late).toEqual([]);
  await upstream.expire(mailing.id);
  await eventually(() => upstream.isCompleted(mailing));
  await processes.end(child, 'SIGTERM');
});

test('a process that was frozen compares its clock before it calls again', async () => {
  const { upstream, provider, processes } = bed;
  await provider.behave({ latencyMs: 20 });
  const child = await processes.start();
  const mailing = await upstream.startMailing({ clients: 400, batchSize: 100 });
  await eventually(async () => (await provider.requests()) >= 40);
  child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  child.send({ clockAheadMs: -3_000 });
  const frozenAt = await provider.requests();
  child.kill('SIGCONT');
  // Its lease is lost; by now it would have claimed anew.
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect(await provider.requests()).toBeLessThanOrEqual(frozenAt + 8);
  child.send({ clockAheadMs: 0 });
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 400 });
  await processes.end(child, 'SIGTERM');
});
