import { setTimeout } from 'node:timers/promises';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

/** Calls under way and unrecorded outcomes of a sender with eight slots. */
const MOST_REPEATS = 16;
const PACE = { ackWaitMs: 2_000, renewEveryMs: 500, lostAfterMs: 1_200 };

test('the batch of a killed sender is taken over; only calls whose outcome it had not recorded are repeated', async () => {
  const { upstream, provider, processes } = bed;
  await provider.behave({ latencyMs: 60 });
  const mailing = await upstream.startMailing({ clients: 300, batchSize: 100 });
  const doomed = await processes.start();
  await eventually(async () => (await provider.requests()) >= 40);
  await processes.end(doomed, 'SIGKILL');
  await upstream.sender(provider.url, { concurrency: 8, pace: PACE });
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 15_000 });
  const tally = await upstream.tally(mailing);
  expect(tally).toEqual({ MessageSent: 300 });
  const requests = await provider.requests();
  expect(requests).toBeGreaterThanOrEqual(300);
  expect(requests).toBeLessThanOrEqual(300 + MOST_REPEATS);
});

test('an orderly stop makes no duplicates and leaves nothing behind that others wait for', async () => {
  const { upstream, provider, processes } = bed;
  await provider.behave({ latencyMs: 60 });
  const mailing = await upstream.startMailing({ clients: 300, batchSize: 100 });
  const leaving = await processes.start({ main: '../../src/main.ts' });
  await eventually(async () => (await provider.requests()) >= 40);
  const stoppedAt = Date.now();
  await processes.end(leaving, 'SIGTERM');
  expect(leaving.exitCode).toBe(0);
  // Calls under way take 60 ms; a grace of many seconds was not used up.
  expect(Date.now() - stoppedAt).toBeLessThan(5_000);
  const before = await provider.requests();
  expect((await upstream.tally(mailing)).MessageSent).toBe(before);
  await provider.behave({});
  await upstream.sender(provider.url, { concurrency: 8 });
  // Given back at once: nobody has to wait for an ack wait of 30 s.
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 15_000 });
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 300 });
  expect(await provider.requests()).toBe(300);
});

test('what the only sender has put off, and comes due after its stop, goes to the next one and does not rest for an ack wait', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault: { kind: 'status', status: 503 } }] });
  await upstream.sender(provider.url, { refusalAttempts: 10 });
  // A request for another batch stands when it stops.
  const mailing = await upstream.startMailing({ clients: 1 });
  await eventually(async () => ((await upstream.tally(mailing)).MessageRetried ?? 0) >= 3, { everyMs: 5 });
  await upstream.stopSenders();
  await provider.behave({});
  // Nobody asks while it comes due, which is 2 s after the third attempt at the latest.
  await setTimeout(2_000);
  await upstream.sender(provider.url);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 15_000 });
  expect((await upstream.tally(mailing)).MessageSent).toBe(1);
});

test('a sender that was asleep for longer than its lease begins no call in what it held', async () => {
  const { upstream, provider, processes } = bed;
  await provider.behave({ latencyMs: 60 });
  const mailing = await upstream.startMailing({ clients: 200, batchSize: 200 });
  const sleeper = await processes.start();
  await eventually(async () => (await provider.requests()) >= 40);
  sleeper.kill('SIGSTOP');
  await upstream.sender(provider.url, { concurrency: 8, pace: PACE });
  await eventually(async () => (await provider.requests()) >= 100, { timeoutMs: 15_000 });
  sleeper.kill('SIGCONT');
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 15_000 });
  const requests = await provider.requests();
  expect(requests).toBeGreaterThanOrEqual(200);
  expect(requests).toBeLessThanOrEqual(200 + MOST_REPEATS);
  await processes.end(sleeper, 'SIGTERM');
});

test('a restart of the broker in the middle loses nobody', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 30 });
  await upstream.sender(provider.url, { concurrency: 8, pace: PACE });
  const mailing = await upstream.startMailing({ clients: 600, batchSize: 100 });
  await eventually(async () => (await provider.requests()) >= 60);
  await bed.nats.kill();
  await bed.nats.restart();
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });
  const sent = (await upstream.outcomes(mailing)).filter((event) => event.type === 'MessageSent');
  expect(new Set(sent.map((event) => event.data.messageId)).size).toBe(600);
});

test('what was in hand when the broker went away is gone on with as soon as it is back, not an ack wait later', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 100 });
  // Its ack wait is 30 s.
  for (let sender = 0; sender < 2; sender += 1) await upstream.sender(provider.url, { concurrency: 8 });
  const mailing = await upstream.startMailing({ clients: 200, batchSize: 100 });
  await eventually(async () => (await provider.requests()) >= 40);
  await bed.nats.kill();
  await bed.nats.restart();
  const backAt = Date.now();
  await provider.behave({});
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 40_000 });
  expect(Date.now() - backAt).toBeLessThan(15_000);
  expect((await upstream.tally(mailing)).MessageSent).toBe(200);
  expect(await provider.requests()).toBe(200);
});

test('what was being claimed when the broker went away is gone on with as soon as it is back', async () => {
  const { upstream, provider } = bed;
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  upstream.directoryGate = gate;
  // Its ack wait is 30 s.
  await upstream.sender(provider.url, { concurrency: 8 });
  const mailing = await upstream.startMailing({ clients: 20, batchSize: 20 });
  await eventually(() => upstream.directoryQuestions > 0);
  await bed.nats.kill();
  await bed.nats.restart();
  open();
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  expect(await provider.requests()).toBe(20);
});

test('a consumer that was deleted is made again', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 30 });
  await upstream.sender(provider.url, { concurrency: 8, pace: PACE });
  const mailing = await upstream.startMailing({ clients: 300, batchSize: 50 });
  await eventually(async () => (await provider.requests()) >= 60);
  await upstream.runtime.broker.manager.consumers.delete('EVENTS', `sender-${mailing.id}`);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 300 });
});

test('a broker that forgets what it delivered does not make two senders work on one batch', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 100 });
  for (let sender = 0; sender < 3; sender += 1) await upstream.sender(provider.url, { concurrency: 4 });
  const mailing = await upstream.startMailing({ clients: 200, batchSize: 200 });
  await eventually(async () => (await provider.requests()) >= 40);
  // All three make the consumer anew, and it delivers the batch again, to one that has nothing to do.
  await upstream.runtime.broker.manager.consumers.delete('EVENTS', `sender-${mailing.id}`);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 200 });
  expect(await provider.requests()).toBe(200);
});
