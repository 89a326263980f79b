import { runService } from '@herald/service-kit';
import { startSender } from './app.ts';
import { senderConfig } from './config.ts';

await runService({
  name: 'sender',
  config: senderConfig,
  start: async (runtime, config) => {
    startSender(runtime, {
      providerUrl: config.PROVIDER_URL,
      providerToken: config.PROVIDER_TOKEN,
      providerTimeoutMs: config.PROVIDER_TIMEOUT_MS,
      idempotent: config.PROVIDER_IDEMPOTENT,
      refusalAttempts: config.PROVIDER_REFUSAL_ATTEMPTS,
      longestPauseMs: config.PROVIDER_RETRY_AFTER_MAX_MS,
      concurrency: config.SENDER_CONCURRENCY,
      deadlineGuardMs: config.DEADLINE_GUARD_MS,
      clockToleranceMs: config.CLOCK_TOLERANCE_MS,
      replicas: config.STREAM_REPLICAS,
      limits: {
        callsPerSecond: config.PROVIDER_RATE_LIMIT ?? null,
        callsAtOnce: config.PROVIDER_CONCURRENCY_LIMIT ?? null,
      },
    });
  },
});
