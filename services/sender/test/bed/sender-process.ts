import { runService } from '@herald/service-kit';
import { startSender } from '../../src/app.ts';
import { senderConfig } from '../../src/config.ts';
import { shiftClock } from './shift-clock.ts';

/**
 * A sender as a process that can be killed, with a lease short enough to wait for. Its clock can be set wrong by a
 * message `{ clockAheadMs }`.
 */
const setClock = shiftClock(0);
process.on('message', (message: { readonly clockAheadMs: number }) => setClock(message.clockAheadMs));

await runService({
  name: 'sender',
  config: senderConfig,
  start: async (runtime, config) => {
    startSender(runtime, {
      providerUrl: config.PROVIDER_URL,
      providerToken: config.PROVIDER_TOKEN,
      providerTimeoutMs: config.PROVIDER_TIMEOUT_MS,
      idempotent: config.PROVIDER_IDEMPOTENT,
      concurrency: config.SENDER_CONCURRENCY,
      deadlineGuardMs: config.DEADLINE_GUARD_MS,
      clockToleranceMs: config.CLOCK_TOLERANCE_MS,
      replicas: config.STREAM_REPLICAS,
      limits: {
        callsPerSecond: config.PROVIDER_RATE_LIMIT ?? null,
        callsAtOnce: config.PROVIDER_CONCURRENCY_LIMIT ?? null,
      },
      pace: { ackWaitMs: 2_000, renewEveryMs: 500, lostAfterMs: 1_200 },
    });
  },
});
