import { z } from 'zod';

/** The environment does not fit; the message names every variable at fault. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** What every service reads. `OPS_PORT` 0 takes any free port. */
export const commonConfig = z.object({
  NATS_URL: z.string().min(1).default('nats://127.0.0.1:4222'),
  STREAM_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  INSTANCE: z.string().min(1).optional(),
  OPS_HOST: z.string().min(1).default('127.0.0.1'),
  OPS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
});
export type CommonConfig = z.infer<typeof commonConfig>;

/**
 * Reads the configuration from environment variables. An empty variable counts as absent.
 *
 * @throws ConfigurationError naming each variable and what is wrong with it
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigurationError(`The environment does not fit:\n${problems.join('\n')}`);
}
