import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

test('sends every message exactly once, and completes every batch', async () => {
  const { upstream, provider } = bed;
  await upstream.sender(provider.url);
  const mailing = await upstream.startMailing({ clients: 700 });
  await eventually(() => upstream.isCompleted(mailing));
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 700 });
  const journal = await provider.journal();
  expect(journal.map((entry) => entry.messageId).sort((a, b) => Number(a) - Number(b))).toEqual(
    mailing.messageIds,
  );
  expect(journal[0]).toMatchObject({ text: 'Good day, "friend"', accepted: true });
});

test('three senders share a mailing without sending anything twice', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: { min: 5, max: 25 } });
  const senders = await Promise.all([1, 2, 3].map(() => upstream.sender(provider.url)));
  const mailing = await upstream.startMailing({ clients: 3_000, batchSize: 100 });
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 20_000 });
  expect(await upstream.tally(mailing)).toEqual({ MessageSent: 3_000 });
  const journal = await provider.journal();
  expect(journal.length).toBe(3_000);
  for (const { metrics } of senders) {
    const calls = await metrics.getSingleMetric('herald_sender_calls_total')?.get();
    const sent = calls?.values.find(({ labels }) => labels.result === 'sent');
    expect(sent?.value).toBeGreaterThan(300);
  }
});

test('a small mailing does not queue behind a big one, also where the provider is slow', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 100 });
  await upstream.sender(provider.url, { concurrency: 8 });
  const big = await upstream.startMailing({ clients: 2_000 });
  await eventually(async () => (await provider.requests()) >= 16);
  const before = await provider.requests();
  const small = await upstream.startMailing({ clients: 12 });
  await eventually(() => upstream.isCompleted(small));
  // In turn with the other it has four of the eight slots: three rounds. Behind one batch it would be 250 calls.
  expect((await provider.requests()) - before).toBeLessThan(100);
  expect(await upstream.completed(big)).toBe(0);
});

test('twenty mailings go forward together on a sender that holds four batches', async () => {
  const { upstream, provider } = bed;
  await upstream.sender(provider.url, { concurrency: 16 });
  const mailings = await Promise.all(
    Array.from({ length: 20 }, () => upstream.startMailing({ clients: 40, batchSize: 10 })),
  );
  await eventually(
    async () => (await Promise.all(mailings.map((mailing) => upstream.isCompleted(mailing)))).every(Boolean),
    { timeoutMs: 20_000 },
  );
  expect(await provider.requests()).toBe(800);
});
