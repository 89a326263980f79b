import { providerResumed, RESUME_PROVIDER_SUBJECT } from '@herald/contracts';
import { askAll, askInstances } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { isPausing } from '../../test/bed/figures.ts';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

/** When the pauses of the senders end, milliseconds from now; `null` without one. */
async function pausesLeft(): Promise<Array<number | null>> {
  const senders = (await askInstances(bed.upstream.runtime.broker)).filter(
    ({ service }) => service === 'sender',
  );
  return senders.map(({ details }) => {
    const { pausedUntil } = details.provider as { pausedUntil: string | null };
    return pausedUntil === null ? null : Date.parse(pausedUntil) - Date.now();
  });
}

const isPaused = async (): Promise<boolean> => (await pausesLeft()).every((left) => (left ?? 0) > 60_000);

test('a pause of ten minutes is kept and shown, and ended by hand in every sender', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault: { kind: 'status', status: 429, retryAfterSeconds: 600 } }] });
  const senders = await Promise.all([1, 2].map(() => upstream.sender(provider.url, { concurrency: 4 })));
  const mailing = await upstream.startMailing({ clients: 40, batchSize: 5 });
  await eventually(async () => (await Promise.all(senders.map(isPausing))).every(Boolean));
  expect(await isPaused()).toBe(true);
  for (const left of await pausesLeft()) expect(left).toBeLessThan(603_000);
  const requests = await provider.requests();
  await provider.behave({});
  // Nobody asks before the time is over.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await provider.requests()).toBe(requests);

  const { broker } = upstream.runtime;
  const said = await Array.fromAsync(askAll(broker, RESUME_PROVIDER_SUBJECT), (answer) =>
    providerResumed.parse(answer),
  );
  expect(said.map(({ wasPaused }) => wasPaused)).toEqual([true, true]);
  expect(await pausesLeft()).toEqual([null, null]);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 30_000 });
  expect((await upstream.tally(mailing)).MessageSent).toBe(40);
});

test('a mailing that ends in such a pause expires on time', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ rules: [{ fault: { kind: 'status', status: 503, retryAfterSeconds: 600 } }] });
  await upstream.sender(provider.url, { concurrency: 4 });
  const mailing = await upstream.startMailing({ clients: 40, batchSize: 10 });
  await eventually(isPaused);
  await upstream.expire(mailing.id);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 10_000 });
  expect((await upstream.tally(mailing)).MessagesExpired).toBe(40);
  expect(await isPaused()).toBe(true);
});

test('how long such a pause may be is a setting', async () => {
  const { upstream, provider } = bed;
  await provider.behave({
    rules: [{ fault: { kind: 'status', status: 429, retryAfterSeconds: 600 }, match: { firstAttempts: 1 } }],
  });
  await upstream.sender(provider.url, { longestPauseMs: 300 });
  const mailing = await upstream.startMailing({ clients: 5 });
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  expect((await upstream.tally(mailing)).MessageSent).toBe(5);
});
