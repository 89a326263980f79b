import { BrokerUrlError, COMMANDS_MAX_BYTES, parseBrokerUrls } from '@herald/event-log';
import { z } from 'zod';

const natsUrl = z.string().superRefine((text, context) => {
  try {
    parseBrokerUrls(text);
  } catch (error) {
    if (!(error instanceof BrokerUrlError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** How to reach a NATS server. Which of them go together: see `natsAccess`. */
export const natsSettings = z.object({
  NATS_URL: natsUrl.default('nats://127.0.0.1:4222'),
  NATS_USER: z.string().optional(),
  NATS_PASSWORD_FILE: z.string().optional(),
  NATS_NKEY_FILE: z.string().optional(),
  NATS_CREDS_FILE: z.string().optional(),
  NATS_CA_FILE: z.string().optional(),
  NATS_CERT_FILE: z.string().optional(),
  NATS_KEY_FILE: z.string().optional(),
});
export type NatsSettings = z.infer<typeof natsSettings>;

/** Room for a handful of the largest commands, 1 MiB each. */
const LEAST_COMMANDS_BYTES = 8 * 1_024 * 1_024;

/** What every service reads. `OPS_PORT` 0 takes any free port. */
export const commonConfig = z.object({
  ...natsSettings.shape,
  STREAM_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
  COMMANDS_MAX_BYTES: z.coerce.number().int().min(LEAST_COMMANDS_BYTES).default(COMMANDS_MAX_BYTES),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  INSTANCE: z.string().min(1).optional(),
  OPS_HOST: z.string().min(1).default('127.0.0.1'),
  OPS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
});
export type CommonConfig = z.infer<typeof commonConfig>;
