import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PlayedMailing } from '../testing/house.ts';
import { type JournalEntry, TOKEN } from '../testing/simulator.ts';
import { Stage } from '../testing/stage.ts';

let nats: TestNats;
let stage: Stage;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  nats = await startTestNats();
  stage = await Stage.open(nats.url);
});

afterEach(async () => {
  await Promise.all([...children].map((child) => end(child, 'SIGKILL')));
  await stage.clear();
});

afterAll(async () => {
  await stage?.close();
  await nats?.stop();
});

/** Short enough to be waited for. */
const LEASE = { ackWaitMs: 2_000, renewEveryMs: 500, lostAfterMs: 1_200 };

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A sender as a process of its own, whose lease is short. */
function spawnSender(environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../testing/sender-process.ts')], {
    env: {
      ...process.env,
      NATS_URL: nats.url,
      PROVIDER_URL: stage.provider.url,
      PROVIDER_TOKEN: TOKEN,
      SENDER_CONCURRENCY: '16',
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'fatal',
      ...environment,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.add(child);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** The most calls that came in any stretch of so many milliseconds. */
function mostIn(journal: readonly JournalEntry[], windowMs: number): number {
  let most = 0;
  let from = 0;
  for (const [index, { at }] of journal.entries()) {
    while ((journal[from]?.at ?? at) <= at - windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

/** Calls a second over the next two seconds. */
async function measureRate(): Promise<number> {
  const [from, since] = [await stage.provider.requests(), performance.now()];
  await sleep(2_000);
  return ((await stage.provider.requests()) - from) / ((performance.now() - since) / 1_000);
}

/** Waits until a rate is reached; gives up after 10 s and answers the best of what was seen. */
async function rateWithin10s(wanted: number): Promise<number> {
  const until = performance.now() + 10_000;
  let best = 0;
  while (best < wanted && performance.now() < until - 2_000) best = Math.max(best, await measureRate());
  return best;
}

test('three senders keep to one rate, while one is killed and one freezes and comes back', async () => {
  const { house, provider } = stage;
  const limit = 200;
  await provider.behave({ latencyMs: 20 });
  await house.startMailing({ clients: 8_000, batchSize: 100 });
  const environment = { PROVIDER_RATE_LIMIT: String(limit) };
  const [doomed, sleeper] = [1, 2, 3].map(() => spawnSender(environment));
  if (doomed === undefined || sleeper === undefined) throw new Error('no senders');
  await eventually(async () => (await provider.requests()) > 0, { timeoutMs: 15_000 });
  expect(await rateWithin10s(0.95 * limit)).toBeGreaterThanOrEqual(0.95 * limit);
  await end(doomed, 'SIGKILL');
  sleeper.kill('SIGSTOP');
  expect(await rateWithin10s(0.95 * limit)).toBeGreaterThanOrEqual(0.95 * limit);
  sleeper.kill('SIGCONT');
  expect(await rateWithin10s(0.95 * limit)).toBeGreaterThanOrEqual(0.95 * limit);
  const journal = await provider.journal();
  expect(mostIn(journal, 2_000)).toBeLessThanOrEqual(1.05 * 2 * limit);
  // The provider's own queue on a busy machine is in this too.
  expect(mostIn(journal, 1_000)).toBeLessThanOrEqual(1.1 * limit);
});

test('three senders keep to one number of calls at once, while one is killed and one freezes', async () => {
  const { house, provider } = stage;
  const limit = 6;
  await provider.behave({ latencyMs: 50 });
  await house.startMailing({ clients: 4_000, batchSize: 50 });
  const environment = { PROVIDER_CONCURRENCY_LIMIT: String(limit), PROVIDER_TIMEOUT_MS: '1000' };
  const [doomed, sleeper] = [1, 2, 3].map(() => spawnSender(environment));
  if (doomed === undefined || sleeper === undefined) throw new Error('no senders');
  await eventually(async () => (await provider.requests()) > 100, { timeoutMs: 15_000 });
  await end(doomed, 'SIGKILL');
  sleeper.kill('SIGSTOP');
  // Six calls of 50 ms at once are 120 a second; recording each takes a slot for a few milliseconds more.
  expect(await rateWithin10s(75)).toBeGreaterThanOrEqual(75);
  sleeper.kill('SIGCONT');
  expect(await rateWithin10s(75)).toBeGreaterThanOrEqual(75);
  expect(await provider.mostAtOnce()).toBeLessThanOrEqual(limit);
});

test('a mailing with a limit keeps to it and hinders no other, over all senders, and may change it', async () => {
  const { house, provider } = stage;
  // More of them than the senders hold batches.
  const crawling = await Promise.all(
    Array.from({ length: 10 }, () => house.startMailing({ clients: 20, batchSize: 5, rateLimit: 0.2 })),
  );
  const slow = await house.startMailing({ clients: 500, batchSize: 25, rateLimit: 20 });
  const free = await house.startMailing({ clients: 500, batchSize: 50 });
  await Promise.all([1, 2].map(() => house.sender(provider.url)));
  await eventually(() => house.isCompleted(free), { timeoutMs: 5_000 });
  await sleep(3_000);
  const journal = await provider.journal();
  const callsOf = ({ messageIds }: PlayedMailing): JournalEntry[] =>
    journal.filter(({ messageId }) => messageId !== null && messageIds.includes(messageId));
  expect(mostIn(callsOf(slow), 2_000)).toBeLessThanOrEqual(42);
  expect(callsOf(slow).length).toBeGreaterThanOrEqual(50);
  for (const mailing of crawling) {
    expect(callsOf(mailing).length).toBeGreaterThanOrEqual(1);
    expect(callsOf(mailing).length).toBeLessThanOrEqual(3);
  }

  const [first] = crawling;
  if (first === undefined) throw new Error('no mailing');
  await house.change(slow.id, 'MailingChanged', { rateLimit: 400, version: 2 });
  await house.change(first.id, 'MailingChanged', { rateLimit: null, version: 2 });
  await eventually(() => house.isCompleted(first), { timeoutMs: 3_000 });
  await eventually(() => house.isCompleted(slow), { timeoutMs: 10_000 });
});

test('a batch that its limit holds for long is taken anew, so that who was removed meanwhile gets nothing', async () => {
  const { house, provider } = stage;
  const mailing = await house.startMailing({ clients: 12, rateLimit: 4 });
  await house.sender(provider.url, { pace: { longestHeldMs: 1_000 } });
  await eventually(async () => (await provider.requests()) >= 1);
  const last = mailing.clients.at(-1);
  if (last === undefined) throw new Error('no clients');
  house.removeClient(last.id);
  await eventually(() => house.isCompleted(mailing), { timeoutMs: 10_000 });
  expect(await house.tally(mailing)).toEqual({ MessageSent: 11, MessageFailed: 1 });
});

test('when the broker is away nothing begins, and when it comes back, its memory lost, the limit holds', async () => {
  const { house, provider } = stage;
  const limit = 50;
  await house.startMailing({ clients: 2_000, batchSize: 100 });
  const limits = { callsPerSecond: limit, callsAtOnce: 20 };
  await Promise.all([1, 2].map(() => house.sender(provider.url, { limits, pace: LEASE })));
  await eventually(async () => (await provider.requests()) >= limit);
  await nats.kill();
  await sleep(300);
  const whenAway = await provider.requests();
  await sleep(700);
  expect(await provider.requests()).toBe(whenAway);
  await nats.restart();
  expect(await rateWithin10s(0.95 * limit)).toBeGreaterThanOrEqual(0.95 * limit);
  expect(mostIn(await provider.journal(), 2_000)).toBeLessThanOrEqual(1.05 * 2 * limit);
});
