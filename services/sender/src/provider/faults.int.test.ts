import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { hasBrokenOff } from '../../test/bed/figures.ts';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

/** One attempt fails this way, then the provider is well: the answer was lost, or the message refused. */
const passing: ReadonlyArray<readonly [string, object, 'lost' | 'refused', number | null]> = [
  ['a 500', { kind: 'status', status: 500 }, 'refused', 500],
  ['a 503', { kind: 'status', status: 503 }, 'refused', 503],
  ['a 429', { kind: 'status', status: 429, retryAfterSeconds: 0 }, 'refused', 429],
  ['an answer that never comes', { kind: 'hang', accepted: true }, 'lost', null],
  ['a reset before the provider took it', { kind: 'reset-before' }, 'lost', null],
  ['a reset after the provider took it', { kind: 'reset-after' }, 'lost', null],
  ['garbage', { kind: 'garbage' }, 'lost', 200],
  ['a body that says something else', { kind: 'wrong-body' }, 'lost', 200],
  ['a body in an unknown coding', { kind: 'coded', coding: 'unknown' }, 'lost', 200],
  ['a bomb', { kind: 'coded', coding: 'gzip', unpackedBytes: 1_000_000 }, 'lost', 200],
  ['a truncated body', { kind: 'truncated' }, 'lost', 200],
  ['a body without an end', { kind: 'huge' }, 'lost', 200],
  ['a body that drips', { kind: 'slow-drip', bytesPerSecond: 1 }, 'lost', 200],
];

test.for(passing)('repeats a message after %s', async ([, fault, answer, statusCode]) => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault, match: { firstAttempts: 1 } }] });
  await upstream.sender(provider.url, { providerTimeoutMs: 1_000 });
  const mailing = await upstream.startMailing({ clients: 5 });
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageRetried: 5, MessageSent: 5 });
  for (const event of await upstream.outcomes(mailing)) {
    if (event.type === 'MessageRetried') {
      expect(event.data).toMatchObject({ answer, attempt: 1, call: { statusCode } });
    } else {
      expect(event.data).toMatchObject({ attempt: 2 });
    }
  }
  expect((await provider.journal()).filter((entry) => entry.accepted && !entry.repeat).length).toBe(5);
});

test.for([400, 404, 409, 413, 422])('a %i fails the message for good', async (status) => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault: { kind: 'status', status } }] });
  await upstream.sender(provider.url);
  const mailing = await upstream.startMailing({ clients: 3 });
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageFailed: 3 });
  expect(await provider.requests()).toBe(3);
});

test('a provider that refuses connections costs nobody the message', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ outage: 'refuse' });
  await upstream.sender(provider.url);
  const mailing = await upstream.startMailing({ clients: 5 });
  await eventually(async () => ((await upstream.tally(mailing)).MessageRetried ?? 0) >= 5);
  await provider.behave({});
  await eventually(() => upstream.isCompleted(mailing));
  const tally = await upstream.tally(mailing);
  expect(tally.MessageSent).toBe(5);
  const retried = (await upstream.outcomes(mailing)).filter((event) => event.type === 'MessageRetried');
  expect(new Set(retried.map((event) => event.data.answer))).toEqual(new Set(['refused']));
});

test('a 429 holds every call until Retry-After is over', async () => {
  const { upstream, provider } = bed;
  await upstream.sender(provider.url, { concurrency: 1 });
  await provider.behave({
    rules: [{ fault: { kind: 'status', status: 429, retryAfterSeconds: 2 }, match: { firstAttempts: 1 } }],
  });
  const mailing = await upstream.startMailing({ clients: 1 });
  await eventually(async () => (await provider.requests()) === 1);
  const other = await upstream.startMailing({ clients: 1 });
  await eventually(async () => (await upstream.isCompleted(mailing)) && (await upstream.isCompleted(other)), {
    timeoutMs: 15_000,
  });
  const at = (await provider.journal()).map((entry) => entry.at);
  expect(Number(at[1]) - Number(at[0])).toBeGreaterThan(1_950);
});

test('with a provider that does not honour the id a lost answer is not repeated and ends as unknown', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault: { kind: 'reset-after' }, match: { firstAttempts: 1 } }] });
  await upstream.sender(provider.url, { idempotent: false });
  const mailing = await upstream.startMailing({ clients: 4 });
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageUnknown: 4 });
  expect(await provider.requests()).toBe(4);
});

test('a rejected token fails nobody, is tried by one call at a time, and goes on by itself when mended', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ rejectToken: true });
  const sender = await upstream.sender(provider.url, { concurrency: 4, pace: { tokenProbeMs: 300 } });
  const mailing = await upstream.startMailing({ clients: 20 });
  await eventually(async () => (await provider.requests()) >= 7);
  expect(await provider.requests()).toBeLessThan(15);
  expect(await upstream.tally(mailing)).toEqual({});
  expect(await sender.health.problems()).toHaveProperty('provider-token');
  await provider.behave({});
  await eventually(() => upstream.isCompleted(mailing));
  const events = await upstream.outcomes(mailing);
  expect(events.map((event) => 'attempt' in event.data && event.data.attempt)).toEqual(Array(20).fill(1));
  expect(await sender.health.problems()).not.toHaveProperty('provider-token');
});

test('the breaker opens, costs no attempts while it is open, lets one call through, and closes', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ outage: 'unavailable' });
  await upstream.sender(provider.url, { concurrency: 8, pace: { breakerResetMs: 400 } });
  const mailing = await upstream.startMailing({ clients: 200 });
  await eventually(async () => (await provider.requests()) >= 20);
  await eventually(async () => (await provider.requests()) >= 30);
  const requests = await provider.requests();
  // Up to the threshold and what was under way then; from there on one call for each time it half-opens.
  expect(requests).toBeLessThan(40);
  expect((await upstream.tally(mailing)).MessageRetried).toBeLessThanOrEqual(requests);
  await provider.behave({});
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  expect((await upstream.tally(mailing)).MessageSent).toBe(200);
});

test('a mailing that expires while the breaker is open is ended all the same', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ outage: 'unavailable' });
  const sender = await upstream.sender(provider.url, { concurrency: 8, pace: { breakerResetMs: 60_000 } });
  const mailing = await upstream.startMailing({ clients: 200, batchSize: 40 });
  await eventually(() => hasBrokenOff(sender));
  const requests = await provider.requests();
  await upstream.expire(mailing.id);
  await eventually(() => upstream.isCompleted(mailing));
  expect((await upstream.tally(mailing)).MessagesExpired).toBe(200);
  expect(await provider.requests()).toBe(requests);
});

test('recipients that nobody resolves are asked for again, at a pace', async () => {
  const { upstream, provider } = bed;
  upstream.directoryAnswers = false;
  await upstream.sender(provider.url);
  const mailing = await upstream.startMailing({ clients: 500, batchSize: 10 });
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(await provider.requests()).toBe(0);
  expect(upstream.directoryQuestions).toBeLessThan(15);
  upstream.directoryAnswers = true;
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 500 });
});
