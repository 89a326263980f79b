import { headerValue, httpUrl } from '@herald/service-kit';
import { z } from 'zod';

/**
 * A call must have ended, and its outcome stand in the log, before another sender can have its batch: the last one
 * begins 20 s after the lease was confirmed, and from 30 s on the server gives the batch away (docs/adr/0020).
 */
const LONGEST_CALL_MS = 9_000;

/** What the sender reads beside the common variables. */
export const senderConfig = z.object({
  PROVIDER_URL: httpUrl.default('http://127.0.0.1:8090'),
  PROVIDER_TOKEN: headerValue,
  /** How long one call may take in all, milliseconds. */
  PROVIDER_TIMEOUT_MS: z.coerce.number().int().min(10).max(LONGEST_CALL_MS).default(5_000),
  /** Whether the provider honours the message id, so that a call may be repeated when its answer was lost. */
  PROVIDER_IDEMPOTENT: z
    .enum(['true', 'false'])
    .default('true')
    .transform((value) => value === 'true'),
  /** How many calls in all a message has that the provider refuses for what it is. */
  PROVIDER_REFUSAL_ATTEMPTS: z.coerce.number().int().min(1).max(100).default(3),
  /** How long a pause that the provider asks for with `Retry-After` may be, milliseconds. */
  PROVIDER_RETRY_AFTER_MAX_MS: z.coerce.number().int().min(100).max(86_400_000).default(3_600_000),
  /** Calls to the provider a second that all senders may make together; absent is no limit. */
  PROVIDER_RATE_LIMIT: z.coerce.number().min(0.001).max(100_000).optional(),
  /** Calls to the provider that all senders may have under way together; absent is no limit. */
  PROVIDER_CONCURRENCY_LIMIT: z.coerce.number().int().min(1).max(100_000).optional(),
  /** How many messages may be between call and recorded outcome. */
  SENDER_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(64),
  /** So long before the end of its mailing no call begins any more, milliseconds. */
  DEADLINE_GUARD_MS: z.coerce.number().int().min(0).max(60_000).default(100),
  /** By how much the clock may differ from the time of the log before nothing is sent, milliseconds. */
  CLOCK_TOLERANCE_MS: z.coerce.number().int().min(20).max(60_000).default(50),
});
export type SenderConfig = z.infer<typeof senderConfig>;
