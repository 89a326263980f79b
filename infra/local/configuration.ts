import { join, resolve } from 'node:path';
import { z } from 'zod';
import { StartRefusedError } from './start-refused.ts';

/** An empty variable counts as not set. */
const unlessEmpty = (value: unknown) => (value === '' ? undefined : value);
const optionalText = z.preprocess(unlessEmpty, z.string().optional());
const portRule = 'must be a port number, 1 to 65535';
const port = z.coerce.number(portRule).int(portRule).min(1, portRule).max(65_535, portRule);

const environment = z.object({
  PORT: z.preprocess(unlessEmpty, port.default(8000)),
  HERALD_DATA: optionalText,
  LOG_LEVEL: optionalText,
  NATS_URL: optionalText,
  DATABASE_URL: optionalText,
  PROVIDER_URL: optionalText,
  PROVIDER_TOKEN: optionalText,
});

/** What the environment says to the launcher. URLs which are set replace the embedded part of that kind. */
export type LauncherConfiguration = {
  readonly port: number;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly logLevel: string;
  readonly natsUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly providerUrl: string | undefined;
  readonly providerToken: string | undefined;
};

/** @throws {StartRefusedError} naming every variable that is wrong. */
export function readConfiguration(
  variables: NodeJS.ProcessEnv,
  checkoutDirectory: string,
): LauncherConfiguration {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new StartRefusedError(`The environment is not right. ${problems.join('; ')}`);
  }
  const { PORT, HERALD_DATA, LOG_LEVEL, NATS_URL, DATABASE_URL, PROVIDER_URL, PROVIDER_TOKEN } = parsed.data;
  return {
    port: PORT,
    dataDirectory: HERALD_DATA === undefined ? join(checkoutDirectory, 'data') : resolve(HERALD_DATA),
    logLevel: LOG_LEVEL ?? 'info',
    natsUrl: NATS_URL,
    databaseUrl: DATABASE_URL,
    providerUrl: PROVIDER_URL,
    providerToken: PROVIDER_TOKEN,
  };
}
