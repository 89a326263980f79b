import type { Scenario } from '../bench.ts';
import { interleave } from '../measure/measured.ts';
import { deliver } from '../system/deliver.ts';
import { ensureAudience } from '../system/import-audience.ts';
import { AUDIENCE } from './delivery.ts';

/** Slow enough that senders wait for the provider, and not for each other's share of the processors. */
const LATENCY_MS = 200;

/** How much three senders bring where the provider is what one sender waits for. */
export const senders: Scenario = {
  names: ['senders'],
  about: `--bound-messages at ${LATENCY_MS} ms of latency, with one sender and with three, on two systems in turn`,
  isQuick: false,
  run: async (bench) => {
    const { rounds, boundMessages } = bench.sizes;
    await bench.systems.stopAll();
    const one = await bench.systems.beside('one sender', { args: ['--scale', 'sender=1'] });
    const three = await bench.systems.beside('three senders', { args: ['--scale', 'sender=3'] });
    for (const system of [one, three]) {
      await ensureAudience(bench, system, AUDIENCE, boundMessages);
      await system.behave({ latencyMs: LATENCY_MS });
    }
    const collected = await interleave(rounds, [
      async () => ({ '1 sender': (await deliver(bench, one, AUDIENCE)).delivered }),
      async () => ({ '3 senders': (await deliver(bench, three, AUDIENCE)).delivered }),
    ]);
    return { collected, references: { '3 senders': '1 sender' } };
  },
};
