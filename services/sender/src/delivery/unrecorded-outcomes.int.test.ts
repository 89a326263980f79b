import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

const CONCURRENCY = 8;
/** Long enough for a sender without a bound to make hundreds of calls. */
const MORE_MS = 500;

test.each([
  { idempotent: true, most: 2 * CONCURRENCY },
  { idempotent: false, most: CONCURRENCY },
])(
  'while the log acknowledges nothing, $most calls are begun where a repeat is harmless: $idempotent',
  async ({ idempotent, most }) => {
    const { upstream, provider, nats } = bed;
    await provider.behave({ latencyMs: 300 });
    const mailing = await upstream.startMailing({ clients: 100 });
    await upstream.sender(provider.url, { concurrency: CONCURRENCY, idempotent });
    await eventually(async () => (await provider.requests()) >= CONCURRENCY);
    await nats.freeze();
    try {
      const before = await provider.requests();
      await provider.behave({});
      await eventually(async () => (await provider.requests()) >= most);
      await sleep(MORE_MS);
      // What was recorded before makes room for as many.
      expect(await provider.requests()).toBeLessThanOrEqual(before + most);
    } finally {
      await nats.thaw();
    }
    await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 60_000 });
    expect(await upstream.tally(mailing)).toEqual({ MessageSent: 100 });
    expect(await provider.requests()).toBe(100);
  },
);
