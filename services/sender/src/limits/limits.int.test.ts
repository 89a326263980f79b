import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import type { PlayedMailing } from '../../test/bed/played-mailing.ts';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';
import type { JournalEntry } from '../../test/bed/simulator.ts';

const bed = useSenderTestBed();

/** Short enough to be waited for. */
const LEASE = { ackWaitMs: 2_000, renewEveryMs: 500, lostAfterMs: 1_200 };

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Three of them as processes, whose lease is short. */
async function startThree(environment: Record<string, string>) {
  const { processes } = bed;
  const start = () => processes.start({ environment: { SENDER_CONCURRENCY: '16', ...environment } });
  return Promise.all([start(), start(), start()]);
}

/** So much of a gap is taken for a moment at which the provider's process stood still, milliseconds. */
const LONGEST_STALL_MS = 250;

/**
 * The most calls a window of so many milliseconds. A provider that stood still takes in at once what was sent to it in
 * time: a gap before the first call of a window is counted as part of the window.
 */
function mostIn(journal: readonly JournalEntry[], windowMs: number): number {
  let most = 0;
  let from = 0;
  for (const [index, { at }] of journal.entries()) {
    while ((journal[from]?.at ?? at) <= at - windowMs) from += 1;
    const first = journal[from]?.at ?? at;
    const stallMs = Math.min(LONGEST_STALL_MS, first - (journal[from - 1]?.at ?? first));
    most = Math.max(most, ((index - from + 1) * windowMs) / (windowMs + stallMs));
  }
  return most;
}

/** Waits until no call has come for 300 ms; answers how many have come. */
async function untilStill(): Promise<number> {
  return eventually(async () => {
    const before = await bed.provider.requests();
    await sleep(300);
    return (await bed.provider.requests()) === before ? before : null;
  });
}

/** Calls a second over the next two seconds. */
async function measureRate(): Promise<number> {
  const [from, since] = [await bed.provider.requests(), performance.now()];
  await sleep(2_000);
  return ((await bed.provider.requests()) - from) / ((performance.now() - since) / 1_000);
}

/** Waits until a rate is reached; gives up after 20 s and answers the best of what was seen. */
async function rateWithin20s(wanted: number): Promise<number> {
  const until = performance.now() + 20_000;
  let best = 0;
  while (best < wanted && performance.now() < until - 2_000) best = Math.max(best, await measureRate());
  return best;
}

test('three senders keep to one rate, while one is killed and one freezes and comes back', async () => {
  const { upstream, provider, processes } = bed;
  const limit = 200;
  await provider.behave({ latencyMs: 20 });
  const [doomed, sleeper] = await startThree({ PROVIDER_RATE_LIMIT: String(limit) });
  await upstream.startMailing({ clients: 9_000, batchSize: 100 });
  expect(await rateWithin20s(0.95 * limit)).toBeGreaterThanOrEqual(0.95 * limit);
  await processes.end(doomed, 'SIGKILL');
  sleeper.kill('SIGSTOP');
  expect(await rateWithin20s(0.95 * limit)).toBeGreaterThanOrEqual(0.95 * limit);
  sleeper.kill('SIGCONT');
  expect(await rateWithin20s(0.95 * limit)).toBeGreaterThanOrEqual(0.95 * limit);
  const journal = await provider.journal();
  expect(mostIn(journal, 2_000)).toBeLessThanOrEqual(1.05 * 2 * limit);
  // The provider's own queue on a busy machine is in this too.
  expect(mostIn(journal, 1_000)).toBeLessThanOrEqual(1.1 * limit);
});

test('three senders keep to one number of calls at once, while one is killed and one freezes', async () => {
  const { upstream, provider, processes } = bed;
  const limit = 6;
  await provider.behave({ latencyMs: 50 });
  const environment = { PROVIDER_CONCURRENCY_LIMIT: String(limit), PROVIDER_TIMEOUT_MS: '1000' };
  const [doomed, sleeper] = await startThree(environment);
  await upstream.startMailing({ clients: 4_000, batchSize: 50 });
  await eventually(async () => (await provider.requests()) > 100);
  await processes.end(doomed, 'SIGKILL');
  sleeper.kill('SIGSTOP');
  // Six calls of 50 ms at once are 120 a second; recording each takes a slot for a few milliseconds more.
  expect(await rateWithin20s(75)).toBeGreaterThanOrEqual(75);
  sleeper.kill('SIGCONT');
  expect(await rateWithin20s(75)).toBeGreaterThanOrEqual(75);
  expect(await provider.mostAtOnce()).toBeLessThanOrEqual(limit);
});

test('a mailing with a limit keeps to it and hinders no other, over all senders, and may change it', async () => {
  const { upstream, provider } = bed;
  // More of them than the senders hold batches.
  const crawling = await Promise.all(
    Array.from({ length: 10 }, () => upstream.startMailing({ clients: 20, batchSize: 5, rateLimit: 0.2 })),
  );
  const slow = await upstream.startMailing({ clients: 500, batchSize: 25, rateLimit: 20 });
  const free = await upstream.startMailing({ clients: 500, batchSize: 50 });
  await Promise.all([1, 2].map(() => upstream.sender(provider.url)));
  const startedAt = performance.now();
  // At the pace of the slow one it would take 25 s.
  await eventually(() => upstream.isCompleted(free), { timeoutMs: 15_000 });
  let journal = await provider.journal();
  const callsOf = ({ messageIds }: PlayedMailing): JournalEntry[] =>
    journal.filter(({ messageId }) => messageId !== null && messageIds.includes(messageId));
  await eventually(async () => {
    journal = await provider.journal();
    return callsOf(slow).length >= 50 && crawling.every((mailing) => callsOf(mailing).length >= 1);
  });
  expect(mostIn(callsOf(slow), 2_000)).toBeLessThanOrEqual(42);
  const most = 2 + 0.2 * ((performance.now() - startedAt) / 1_000);
  for (const mailing of crawling) expect(callsOf(mailing).length).toBeLessThanOrEqual(most);

  const [first] = crawling;
  if (first === undefined) throw new Error('no mailing');
  await upstream.change(slow.id, 'MailingChanged', { rateLimit: 400, version: 2 });
  await upstream.change(first.id, 'MailingChanged', { rateLimit: null, version: 2 });
  await eventually(() => upstream.isCompleted(first), { timeoutMs: 15_000 });
  await eventually(() => upstream.isCompleted(slow), { timeoutMs: 15_000 });
});

test('a batch that its limit holds for long is taken anew, so that who was removed meanwhile gets nothing', async () => {
  const { upstream, provider } = bed;
  const mailing = await upstream.startMailing({ clients: 12, rateLimit: 4 });
  await upstream.sender(provider.url, { pace: { longestHeldMs: 1_000 } });
  await eventually(async () => (await provider.requests()) >= 1);
  const last = mailing.clients.at(-1);
  if (last === undefined) throw new Error('no clients');
  upstream.removeClient(last.id);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 10_000 });
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 11, MessageFailed: 1 });
});

test('when the broker is away nothing begins, and when it comes back, its memory lost, the limit holds', async () => {
  const { upstream, provider } = bed;
  const limit = 50;
  await upstream.startMailing({ clients: 2_000, batchSize: 100 });
  const limits = { callsPerSecond: limit, callsAtOnce: 20 };
  await Promise.all([1, 2].map(() => upstream.sender(provider.url, { limits, pace: LEASE })));
  await eventually(async () => (await provider.requests()) >= limit);
  await bed.nats.kill();
  const whenAway = await untilStill();
  await sleep(500);
  expect(await provider.requests()).toBe(whenAway);
  await bed.nats.restart();
  expect(await rateWithin20s(0.95 * limit)).toBeGreaterThanOrEqual(0.95 * limit);
  expect(mostIn(await provider.journal(), 2_000)).toBeLessThanOrEqual(1.05 * 2 * limit);
});
