import type { Scenario } from '../bench.ts';
import { interleave } from '../measure/measured.ts';
import { runLoop } from '../processes/run-loop.ts';
import { deliver } from '../system/deliver.ts';
import { ensureAudience } from '../system/import-audience.ts';
import { AUDIENCE } from './delivery.ts';

const AT_ONCE = 500;
const LATENCY_MS = 100;
/** What so many calls at once can do at all. */
const ALLOWED_PER_SECOND = (AT_ONCE * 1_000) / LATENCY_MS;

/** One sender with 500 calls at once to a provider that takes 100 ms for each. */
export const latency: Scenario = {
  names: ['latency'],
  about: `--bound-messages at ${LATENCY_MS} ms of latency with ${AT_ONCE} at once; the loop with as many`,
  isQuick: false,
  run: async (bench) => {
    const { rounds, boundMessages } = bench.sizes;
    const environment = { SENDER_CONCURRENCY: String(AT_ONCE) };
    const system = await bench.systems.only({ environment });
    await ensureAudience(bench, system, AUDIENCE, boundMessages);
    await system.behave({ latencyMs: LATENCY_MS });
    const collected = await interleave(rounds, [
      async () => ({ 'loop ×500': await runLoop(bench, system, boundMessages, AT_ONCE) }),
      async () => {
        const { delivered } = await deliver(bench, system, AUDIENCE);
        const details = { ...delivered.details, shareOfAllowed: delivered.value / ALLOWED_PER_SECOND };
        return { 'delivery ×500': { ...delivered, details } };
      },
    ]);
    return { collected, references: { 'delivery ×500': 'loop ×500' } };
  },
};
