import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { makeClients, type PlayedMailing } from '../../test/bed/played-mailing.ts';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

/** Clients of whom every so many stand out by their phone, or all others. */
function clientsWith(count: number, everyNth: number, others = false) {
  const clients = makeClients(count);
  for (const [index, client] of clients.entries()) {
    if ((index % everyNth === 0) !== others) client.phone = client.phone.replace(/^79/, '70');
  }
  return clients;
}

const strike = (fault: object) => ({ rules: [{ fault, match: { phonePrefix: '70' } }] });
const REFUSAL = { kind: 'refusal', code: 5, message: 'no such number: 79161234567' };

/** How many calls each of the messages that failed had. */
async function callsOfFailed(mailing: PlayedMailing): Promise<number[]> {
  const failed = (await bed.upstream.outcomes(mailing)).filter((event) => event.type === 'MessageFailed');
  const ids = new Set(failed.map((event) => event.data.messageId));
  const calls = (await bed.provider.journal()).filter(({ messageId }) => ids.has(messageId ?? 0));
  return [...ids].map((id) => calls.filter(({ messageId }) => messageId === id).length);
}

test.for([true, false])(
  'a message that is refused in the provider’s own words fails after three calls, with its words (idempotent: %s)',
  async (idempotent) => {
    const { upstream, provider } = bed;
    await provider.behave(strike(REFUSAL));
    const sender = await upstream.sender(provider.url, { idempotent });
    // Two of three: enough to open a breaker, if it counted.
    const mailing = await upstream.startMailing({ clients: [...clientsWith(60, 1), ...makeClients(30)] });
    await eventually(() => upstream.isCompleted(mailing));
    expect(await upstream.tally(mailing)).toEqual({
      MessageSent: 30,
      MessageRetried: 120,
      MessageFailed: 60,
    });
    expect(await callsOfFailed(mailing)).toEqual(Array(60).fill(3));
    for (const event of await upstream.outcomes(mailing)) {
      if (event.type !== 'MessageFailed') continue;
      expect(event.data).toMatchObject({
        error: 'code 5: no such number: *****',
        attempt: 3,
        call: { statusCode: 200 },
      });
    }
    const figures = await sender.metrics.metrics();
    expect(figures).toMatch(/herald_sender_breaker_transitions_total\{[^}]*to="open"[^}]*\} 0\n/);
    expect(figures).toMatch(/herald_sender_calls_total\{result="declined"[^}]*\} 180\n/);
  },
);

test('how many calls a refused message has is a setting, and counted from the log over restarts', async () => {
  const { upstream, provider } = bed;
  // In between refusals for now, which do not count.
  const busy = { kind: 'status', status: 503 };
  await provider.behave({ rules: [{ fault: REFUSAL, match: { firstAttempts: 1 } }, { fault: busy }] });
  await upstream.sender(provider.url, { refusalAttempts: 2 });
  const mailing = await upstream.startMailing({ clients: 1 });
  await eventually(async () => ((await upstream.tally(mailing)).MessageRetried ?? 0) >= 3);
  await upstream.stopSenders();
  await provider.behave({ rules: [{ fault: REFUSAL }] });
  await upstream.sender(provider.url, { refusalAttempts: 2 });
  await eventually(() => upstream.isCompleted(mailing));
  expect((await upstream.tally(mailing)).MessageFailed).toBe(1);
  const refused = (await provider.journal()).filter(({ outcome }) => outcome === 'refusal');
  expect(refused.length).toBe(2);
});

test('recipients that are answered with 403 fail after three calls, and slow nobody else down', async () => {
  const { upstream, provider } = bed;
  await provider.behave({
    latencyMs: 20,
    ...strike({ kind: 'status', status: 403, body: { code: 7, message: 'blocked' } }),
  });
  const sender = await upstream.sender(provider.url);
  const first = await upstream.startMailing({ clients: 5 });
  await eventually(() => upstream.isCompleted(first));
  const mailing = await upstream.startMailing({ clients: clientsWith(1_000, 50) });
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 980, MessageRetried: 40, MessageFailed: 20 });
  expect(await callsOfFailed(mailing)).toEqual(Array(20).fill(3));
  const errors = (await upstream.outcomes(mailing)).flatMap(({ data }) =>
    'error' in data ? [data.error] : [],
  );
  expect(new Set(errors)).toEqual(new Set(['status 403, code 7: blocked']));
  expect(await sender.health.problems()).not.toHaveProperty('provider-token');
});

test('two thirds of the recipients answered with 403 keep the others from nothing', async () => {
  const { upstream, provider } = bed;
  await provider.behave(strike({ kind: 'status', status: 403 }));
  await upstream.sender(provider.url);
  const mailing = await upstream.startMailing({ clients: clientsWith(300, 3, true) });
  await eventually(async () => (await upstream.tally(mailing)).MessageSent === 100);
});

test.for([21, 1])(
  'a blocked recipient that a sender meets first does not stop it (batches of %i)',
  { timeout: 60_000 },
  async (batchSize) => {
    const { upstream, provider } = bed;
    await provider.behave(strike({ kind: 'status', status: 403 }));
    await upstream.sender(provider.url, { concurrency: 1, pace: { tokenProbeMs: 100 } });
    const mailing = await upstream.startMailing({ clients: clientsWith(21, 21), batchSize });
    await eventually(async () => (await upstream.tally(mailing)).MessageSent === 20, { timeoutMs: 40_000 });
  },
);

test('a token that goes wrong in the middle, again and again, fails nobody', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: { min: 5, max: 60 } });
  const sender = await upstream.sender(provider.url, { concurrency: 8, pace: { tokenProbeMs: 100 } });
  const mailing = await upstream.startMailing({ clients: 150 });
  for (const accepted of [10, 40, 70]) {
    await eventually(async () => ((await upstream.tally(mailing)).MessageSent ?? 0) >= accepted);
    await provider.behave({ rejectToken: true });
    await eventually(async () => 'provider-token' in (await sender.health.problems()));
    const known = await provider.requests();
    await eventually(async () => (await provider.requests()) >= known + 3);
    await provider.behave({ latencyMs: { min: 5, max: 60 } });
  }
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 30_000 });
  const tally = await upstream.tally(mailing);
  expect([tally.MessageSent, tally.MessageFailed, tally.MessageUnknown]).toEqual([150, undefined, undefined]);
});

test('a lone message is not failed for a token that went wrong, and is sent when it is right again', async () => {
  const { upstream, provider } = bed;
  await upstream.sender(provider.url);
  const before = await upstream.startMailing({ clients: 5 });
  await eventually(() => upstream.isCompleted(before));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await provider.behave({ rejectToken: true });
  const mailing = await upstream.startMailing({ clients: 1 });
  await eventually(async () => ((await upstream.tally(mailing)).MessageRetried ?? 0) >= 4, {
    timeoutMs: 20_000,
  });
  await provider.behave({});
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  expect((await upstream.tally(mailing)).MessageSent).toBe(1);
});

test.for(['gzip', 'deflate', 'br'])('an answer that is packed with %s is read', async (coding) => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault: { kind: 'coded', coding } }] });
  await upstream.sender(provider.url, { idempotent: false });
  const mailing = await upstream.startMailing({ clients: 3 });
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 3 });
});
