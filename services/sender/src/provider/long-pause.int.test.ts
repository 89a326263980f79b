import { providerResumed, RESUME_PROVIDER_SUBJECT } from '@herald/contracts';
import { askAll, askInstances } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { isPausing } from '../testing/figures.ts';
import { useStage } from '../testing/stage.ts';

const stage = useStage();

/** When the pauses of the senders end, milliseconds from now; `null` without one. */
async function pausesLeft(): Promise<Array<number | null>> {
  const senders = (await askInstances(stage.house.runtime.broker)).filter(
    ({ service }) => service === 'sender',
  );
  return senders.map(({ details }) => {
    const { pausedUntil } = details.provider as { pausedUntil: string | null };
    return pausedUntil === null ? null : Date.parse(pausedUntil) - Date.now();
  });
}

const isPaused = async (): Promise<boolean> => (await pausesLeft()).every((left) => (left ?? 0) > 60_000);

test('a pause of ten minutes is kept and shown, and ended by hand in every sender', async () => {
  const { house, provider } = stage;
  await provider.behave({ rules: [{ fault: { kind: 'status', status: 429, retryAfterSeconds: 600 } }] });
  const senders = await Promise.all([1, 2].map(() => house.sender(provider.url, { concurrency: 4 })));
  const mailing = await house.startMailing({ clients: 40, batchSize: 5 });
  await eventually(async () => (await Promise.all(senders.map(isPausing))).every(Boolean));
  expect(await isPaused()).toBe(true);
  for (const left of await pausesLeft()) expect(left).toBeLessThan(603_000);
  const requests = await provider.requests();
  await provider.behave({});
  // Nobody asks before the time is over.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await provider.requests()).toBe(requests);

  const { broker } = house.runtime;
  const said = await Array.fromAsync(askAll(broker, RESUME_PROVIDER_SUBJECT), (answer) =>
    providerResumed.parse(answer),
  );
  expect(said.map(({ wasPaused }) => wasPaused)).toEqual([true, true]);
  expect(await pausesLeft()).toEqual([null, null]);
  await eventually(() => house.isCompleted(mailing), { timeoutMs: 30_000 });
  expect((await house.tally(mailing)).MessageSent).toBe(40);
});

test('a mailing that ends in such a pause expires on time', async () => {
  const { house, provider } = stage;
  await provider.behave({ rules: [{ fault: { kind: 'status', status: 503, retryAfterSeconds: 600 } }] });
  await house.sender(provider.url, { concurrency: 4 });
  const mailing = await house.startMailing({ clients: 40, batchSize: 10 });
  await eventually(isPaused);
  await house.expire(mailing.id);
  await eventually(() => house.isCompleted(mailing), { timeoutMs: 10_000 });
  expect((await house.tally(mailing)).MessagesExpired).toBe(40);
  expect(await isPaused()).toBe(true);
});

test('how long such a pause may be is a setting', async () => {
  const { house, provider } = stage;
  await provider.behave({
    rules: [{ fault: { kind: 'status', status: 429, retryAfterSeconds: 600 }, match: { firstAttempts: 1 } }],
  });
  await house.sender(provider.url, { longestPauseMs: 300 });
  const mailing = await house.startMailing({ clients: 5 });
  await eventually(() => house.isCompleted(mailing), { timeoutMs: 20_000 });
  expect((await house.tally(mailing)).MessageSent).toBe(5);
});
