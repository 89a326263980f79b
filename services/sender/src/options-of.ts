import type { CommonConfig } from '@herald/service-kit';
import type { SenderOptions } from './app.ts';
import type { SenderConfig } from './config.ts';

/** What a sender is started with, of what stands in its environment. */
export const optionsOf = (config: SenderConfig & Pick<CommonConfig, 'STREAM_REPLICAS'>): SenderOptions => ({
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
