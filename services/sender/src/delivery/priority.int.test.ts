import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import type { PlayedMailing } from '../../test/bed/played-mailing.ts';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

/** Which part of the calls from the first to the last position went to a mailing. */
async function shareOf(mailing: PlayedMailing, from: number, to: number): Promise<number> {
  const ids = new Set(mailing.messageIds);
  const calls = (await bed.provider.journal()).slice(from, to);
  return calls.filter(({ messageId }) => messageId !== null && ids.has(messageId)).length / calls.length;
}

test('mailings share by their priority, and one that changes it has more from then on', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 20 });
  const heavy = await upstream.startMailing({ clients: 2_000, priority: 8 });
  const light = await upstream.startMailing({ clients: 2_000, priority: 2 });
  await upstream.sender(provider.url, { concurrency: 8 });
  await eventually(async () => (await provider.requests()) >= 500);
  expect(await shareOf(heavy, 100, 500)).toBeCloseTo(0.8, 1);
  await upstream.change(light.id, 'MailingChanged', { priority: 8, version: 2 });
  const changedAt = await provider.requests();
  // The change is known long before the first of these calls.
  await eventually(async () => (await provider.requests()) >= changedAt + 800);
  expect(await shareOf(light, changedAt + 400, changedAt + 800)).toBeCloseTo(0.5, 1);
});

test('a mailing of a hundred and the lowest priority has its share beside a large one of the highest', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 10 });
  await upstream.startMailing({ clients: 20_000, priority: 9 });
  await upstream.sender(provider.url, { concurrency: 16 });
  await eventually(async () => (await provider.requests()) >= 500);
  const before = await provider.requests();
  const small = await upstream.startMailing({ clients: 100, priority: 1 });
  await eventually(() => upstream.isCompleted(small), { timeoutMs: 25_000 });
  // One call of ten is its own; behind the large one it would be 20 000.
  expect((await provider.requests()) - before).toBeLessThan(2_000);
});
