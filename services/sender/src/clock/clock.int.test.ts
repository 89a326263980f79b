import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { askInstances } from '@herald/service-kit';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TOKEN } from '../testing/simulator.ts';
import { Stage } from '../testing/stage.ts';

let nats: TestNats;
let stage: Stage;

beforeAll(async () => {
  nats = await startTestNats();
  stage = await Stage.open(nats.url);
});

afterEach(() => stage.clear());

afterAll(async () => {
  await stage?.close();
  await nats?.stop();
});

/** The wall clock of a sender in this process. */
function makeClock(): { now: () => number; aheadMs: number } {
  const clock = { now: () => Date.now() + clock.aheadMs, aheadMs: 0 };
  return clock;
}

test.for([120, -120])(
  'a sender whose clock is %i ms ahead at its start calls nobody and says why',
  async (aheadMs) => {
    const { house, provider } = stage;
    const clock = makeClock();
    clock.aheadMs = aheadMs;
    const sender = await house.sender(provider.url, { now: clock.now });
    const mailing = await house.startMailing({ clients: 20 });
    const way = aheadMs > 0 ? 'ahead of' : 'behind';
    await eventually(async () => {
      const said = (await sender.health.problems()).clock ?? '';
      return (
        said.includes(`ms (give or take`) && said.includes(`${way} the time of the log; tolerated are 50`)
      );
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await provider.requests()).toBe(0);
    const figures = await sender.metrics.metrics();
    expect(figures).toMatch(/herald_sender_clock_trusted\{[^}]*\} 0/);
    expect(figures).toMatch(/herald_sender_admission\{[^}]*\} 0/);
    const offset = Number(/herald_sender_clock_offset_seconds\{[^}]*\} (\S+)/.exec(figures)?.[1]);
    expect(Math.abs(offset + aheadMs / 1_000)).toBeLessThan(0.02);
    // Nothing was pulled for it either: another sender has it all.
    clock.aheadMs = 0;
    await eventually(() => house.isCompleted(mailing));
    expect(await house.tally(mailing)).toEqual({ MessageSent: 20 });
    expect(await sender.health.problems()).toEqual({});
  },
);

test('what a sender has in hand when its clock is set goes to another at once', async () => {
  const { house, provider } = stage;
  await provider.behave({ latencyMs: 40 });
  const clock = makeClock();
  const wrong = await house.sender(provider.url, { now: clock.now, concurrency: 8 });
  const mailing = await house.startMailing({ clients: 120, batchSize: 60 });
  await eventually(async () => (await provider.requests()) >= 20);
  clock.aheadMs = 10_000;
  await eventually(async () => 'clock' in (await wrong.health.problems()));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const stoppedAt = await provider.requests();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await provider.requests()).toBe(stoppedAt);
  expect(stoppedAt).toBeLessThan(60);
  await house.sender(provider.url, { concurrency: 8 });
  const startedAt = Date.now();
  await eventually(() => house.isCompleted(mailing));
  // An ack wait of 30 s was nobody's.
  expect(Date.now() - startedAt).toBeLessThan(8_000);
  expect(await house.tally(mailing)).toEqual({ MessageSent: 120 });
  expect(await provider.requests()).toBe(120);
});

test('what was asked for before the clock was set is not kept either', async () => {
  const { house, provider } = stage;
  await provider.behave({ rules: [{ fault: { kind: 'status', status: 503 }, match: { firstAttempts: 1 } }] });
  const clock = makeClock();
  await house.sender(provider.url, { now: clock.now });
  const mailing = await house.startMailing({ clients: 10 });
  await eventually(async () => (await provider.requests()) === 10);
  // The batch is put off for half a second at most, and the request for the next one stands.
  clock.aheadMs = -10_000;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await house.sender(provider.url);
  await eventually(() => house.isCompleted(mailing));
  expect(await house.tally(mailing)).toEqual({ MessageRetried: 10, MessageSent: 10 });
});

test('a restart of the broker, which loses the stream in memory, is got over', async () => {
  const { house, provider } = stage;
  const sender = await house.sender(provider.url);
  await eventually(async () => !('clock' in (await sender.health.problems())));
  await nats.kill();
  await nats.restart();
  await eventually(async () => {
    await house.runtime.broker.manager.streams.info('COORDINATION');
    return true;
  });
  const mailing = await house.startMailing({ clients: 20 });
  await eventually(() => house.isCompleted(mailing));
  expect(await sender.health.problems()).toEqual({});
});

function spawnSender(aheadMs: number): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, '../testing/sender-process.ts')], {
    env: {
      ...process.env,
      NATS_URL: nats.url,
      PROVIDER_URL: stage.provider.url,
      PROVIDER_TOKEN: TOKEN,
      SENDER_CONCURRENCY: '8',
      LOG_LEVEL: 'silent',
      INSTANCE: 'wrong-clock',
      TEST_CLOCK_AHEAD_MS: String(aheadMs),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

test('with a clock that is behind a process would call after the end, and does not', async () => {
  const { house, provider } = stage;
  await provider.behave({ latencyMs: 50 });
  const child = spawnSender(0);
  const endsInMs = 6_000;
  const mailing = await house.startMailing({ clients: 2_000, endsInMs });
  const endAt = Date.now() + endsInMs;
  await eventually(async () => (await provider.requests()) >= 40);
  child.send({ clockAheadMs: -3_000 });
  await eventually(async () => {
    const [report] = (await askInstances(house.runtime.broker)).filter(
      (each) => each.instance === 'wrong-clock',
    );
    return report?.problems.clock?.includes('behind');
  });
  await new Promise((resolve) => setTimeout(resolve, endAt + 1_000 - Date.now()));
  const late = (await provider.journal()).filter((entry) => entry.at >= endAt - 100);
  expect(late).toEqual([]);
  await house.expire(mailing.id);
  await eventually(() => house.isCompleted(mailing));
  await stop(child);
});

test('a process that was frozen compares its clock before it calls again', async () => {
  const { house, provider } = stage;
  await provider.behave({ latencyMs: 20 });
  const child = spawnSender(0);
  const mailing = await house.startMailing({ clients: 400, batchSize: 100 });
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
  await eventually(() => house.isCompleted(mailing), { timeoutMs: 20_000 });
  expect(await house.tally(mailing)).toEqual({ MessageSent: 400 });
  await stop(child);
});
