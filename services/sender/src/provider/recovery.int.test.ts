import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { figureOf, hasBrokenOff, isPausing } from '../../test/bed/figures.ts';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';
import type { JournalEntry } from '../../test/bed/simulator.ts';

const bed = useSenderTestBed();

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The most calls that were under way at once among these, each of which took so long. */
function mostAtOnce(entries: readonly JournalEntry[], latencyMs: number): number {
  const atOnce = entries.map(
    ({ at }) => entries.filter((other) => other.at <= at && other.at > at - latencyMs * 0.9).length,
  );
  return Math.max(0, ...atOnce);
}

const LATENCY_MS = 100;

test('a provider that comes back gets one call, then a few, and more with each step', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ outage: 'unavailable' });
  const sender = await upstream.sender(provider.url, { concurrency: 64, pace: { breakerResetMs: 400 } });
  const mailing = await upstream.startMailing({ clients: 500 });
  await eventually(() => hasBrokenOff(sender));
  await provider.behave({ latencyMs: LATENCY_MS });
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });

  const accepted = (await provider.journal()).filter((entry) => entry.accepted);
  const backAt = accepted[0]?.at ?? 0;
  const until = (steps: number): JournalEntry[] =>
    accepted.filter(({ at }) => at < backAt + steps * LATENCY_MS);
  // One call for the time of one answer, then two, then four.
  expect(until(0.95).length).toBe(1);
  expect(until(1.95).length).toBeLessThanOrEqual(3);
  expect(until(2.95).length).toBeLessThanOrEqual(7);
  // And it does go up. How far can be seen from here depends on the machine; the admission below says it exactly.
  expect(mostAtOnce(accepted, LATENCY_MS)).toBeGreaterThan(4);
  const figures = await sender.metrics.metrics();
  expect(figures).toMatch(/herald_sender_breaker_transitions_total\{[^}]*to="closed"[^}]*\} 1\n/);
  expect(figures).toMatch(/herald_sender_breaker_state\{provider="127.0.0.1:\d+"[^}]*\} 0\n/);
  expect(figures).toMatch(/herald_sender_admission\{[^}]*\} 64\n/);
});

test('a provider that fails again on the way up is left alone again', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ outage: 'unavailable' });
  const sender = await upstream.sender(provider.url, { concurrency: 64, pace: { breakerResetMs: 300 } });
  const mailing = await upstream.startMailing({ clients: 500 });
  await eventually(() => hasBrokenOff(sender));
  const before = await provider.requests();
  // Now and then the call that tries succeeds; of those that follow four of five fail.
  await provider.behave({
    latencyMs: 20,
    rules: [{ fault: { kind: 'status', status: 503 }, probability: 0.8 }],
  });
  await pause(1_500);
  // At full measure it would have been hundreds.
  expect((await provider.requests()) - before).toBeLessThan(40);
  await provider.behave({});
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });
  expect((await upstream.tally(mailing)).MessageSent).toBe(500);
});

test('a provider that fails one call of ten gets back to full measure', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ outage: 'unavailable' });
  const sender = await upstream.sender(provider.url, { concurrency: 64, pace: { breakerResetMs: 300 } });
  const mailing = await upstream.startMailing({ clients: 1_000 });
  await eventually(() => hasBrokenOff(sender));
  await provider.behave({
    latencyMs: 20,
    rules: [{ fault: { kind: 'status', status: 503 }, probability: 0.1 }],
  });
  await eventually(async () => (await figureOf(sender, 'admission')) === 64);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });
  expect((await upstream.tally(mailing)).MessageSent).toBe(1_000);
});

test('after a 429 three senders do not come back all at once', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault: { kind: 'status', status: 429, retryAfterSeconds: 2 } }] });
  const senders = await Promise.all([1, 2, 3].map(() => upstream.sender(provider.url, { concurrency: 64 })));
  const mailing = await upstream.startMailing({ clients: 1_500, batchSize: 50 });
  await eventually(async () => (await Promise.all(senders.map(isPausing))).every(Boolean));
  await provider.behave({ latencyMs: LATENCY_MS });
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });

  const entries = await provider.journal();
  const refusedAt = entries.filter(({ accepted }) => !accepted).map(({ at }) => at);
  const accepted = entries.filter((entry) => entry.accepted);
  const backAt = accepted[0]?.at ?? 0;
  expect(backAt - Math.min(...refusedAt)).toBeGreaterThan(1_950);
  // Two of each sender, where it would have been 192.
  expect(accepted.filter(({ at }) => at < backAt + LATENCY_MS * 0.95).length).toBeLessThanOrEqual(6);
  expect(mostAtOnce(accepted, LATENCY_MS)).toBeGreaterThan(6);
});

test('a 503 that names a time is left alone for that time', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ outage: 'unavailable', retryAfterSeconds: 2 });
  const sender = await upstream.sender(provider.url, { concurrency: 8 });
  const mailing = await upstream.startMailing({ clients: 50 });
  await eventually(() => isPausing(sender));
  await provider.behave({});
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  const entries = await provider.journal();
  const refusedAt = entries.filter(({ accepted }) => !accepted).map(({ at }) => at);
  const backAt = entries.find(({ accepted }) => accepted)?.at ?? 0;
  expect(refusedAt.length).toBeLessThanOrEqual(8);
  expect(backAt - Math.max(...refusedAt)).toBeGreaterThan(1_950);
});

test('a sender with a wrong token keeps nothing from the one whose token is right', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 20 });
  const wrong = await upstream.sender(provider.url, {
    providerToken: 'an-old-token',
    concurrency: 16,
    pace: { tokenProbeMs: 300 },
  });
  const mailing = await upstream.startMailing({ clients: 400, batchSize: 25 });
  await eventually(async () => 'provider-token' in (await wrong.health.problems()));
  await upstream.sender(provider.url, { concurrency: 16 });
  // Without the handing over it would hold four batches for as long as its token is wrong.
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  const events = await upstream.outcomes(mailing);
  expect(events.map(({ type, data }) => [type, 'attempt' in data && data.attempt])).toEqual(
    Array(400).fill(['MessageSent', 1]),
  );
});

test('a token that is wrong stays no message’s fault after a restart, and is found out again', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ rejectToken: true });
  const mailing = await upstream.startMailing({ clients: 50 });
  for (let start = 0; start < 2; start += 1) {
    await upstream.stopSenders();
    const sender = await upstream.sender(provider.url, { concurrency: 8, pace: { tokenProbeMs: 300 } });
    await eventually(async () => 'provider-token' in (await sender.health.problems()));
    expect(await sender.metrics.metrics()).toMatch(/herald_sender_token_rejected\{[^}]*\} 1\n/);
  }
  await provider.behave({});
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 50 });
  for (const event of await upstream.outcomes(mailing)) expect(event.data).toMatchObject({ attempt: 1 });
});

test('a sender whose own way to the provider is broken gives what it has in hand to others', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 20 });
  // Nobody listens there.
  const cut = await upstream.sender('http://127.0.0.1:9', { concurrency: 64, pace: { longestShutMs: 500 } });
  const mailing = await upstream.startMailing({ clients: 400, batchSize: 25 });
  await eventually(async () => (await figureOf(cut, 'breaker_state')) > 0);
  await upstream.sender(provider.url, { concurrency: 16 });
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  expect((await upstream.tally(mailing)).MessageSent).toBe(400);
});

test.for([403, 401])(
  'a message that is answered with %i every time keeps nobody else waiting',
  async (status) => {
    const { upstream, provider } = bed;
    const mailing = await upstream.startMailing({ clients: 400, batchSize: 100 });
    // One of them heads its batch: whoever takes that up anew meets it first.
    const blocked = [mailing.messageIds[0] ?? 0, mailing.messageIds[150] ?? 0];
    const fault = { kind: 'status', status };
    await provider.behave({ latencyMs: 20, rules: [{ fault, match: { messageIds: blocked } }] });
    const sender = await upstream.sender(provider.url, { concurrency: 16 });
    await eventually(async () => (await upstream.tally(mailing)).MessageSent === 398, { timeoutMs: 10_000 });
    expect(await sender.health.problems()).toEqual({});
    await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
    const { MessageSent, MessageFailed } = await upstream.tally(mailing);
    expect([MessageSent, MessageFailed]).toEqual([398, 2]);
  },
);
