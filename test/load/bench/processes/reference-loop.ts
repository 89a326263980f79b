/**
 * The reference of all deliveries: so many requests to the provider, so many at once, and nothing else. Nothing is
 * planned, stored, repeated or counted.
 */
import { z } from 'zod';
import { readInput, tellOwnUsage } from './own-usage.ts';
import { createSend, providerPlace } from './send-to-provider.ts';

const input = z.object({ provider: providerPlace, requests: z.int(), concurrency: z.int() });

const { provider, requests, concurrency } = await readInput(input);
const send = createSend(provider, concurrency);
let next = 0;
const worker = async (): Promise<void> => {
  while (next < requests) {
    next += 1;
    await send(next, 'Hello from the loop');
  }
};
const before = process.cpuUsage();
const begin = performance.now();
await Promise.all(Array.from({ length: concurrency }, worker));
const tookMs = performance.now() - begin;
process.stdout.write(JSON.stringify({ tookMs, usage: tellOwnUsage(before) }), () => process.exit());
