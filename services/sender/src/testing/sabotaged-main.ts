import { runService } from '@herald/service-kit';
import { z } from 'zod';
import { startSender } from '../app.ts';
import { senderConfig } from '../config.ts';

/** A sender with one safeguard switched off: what the checker of the fault suite must notice. */
await runService({
  name: 'sender',
  config: senderConfig.extend({ SABOTAGE: z.enum(['idempotence', 'fencing', 'deadline']) }),
  start: async (runtime, config) => {
    startSender(runtime, {
      providerUrl: config.PROVIDER_URL,
      providerToken: config.PROVIDER_TOKEN,
      providerTimeoutMs: config.PROVIDER_TIMEOUT_MS,
      idempotent: config.PROVIDER_IDEMPOTENT,
      concurrency: config.SENDER_CONCURRENCY,
      deadlineGuardMs: config.DEADLINE_GUARD_MS,
      sabotage: config.SABOTAGE,
    });
  },
});
