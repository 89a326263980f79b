import { join, resolve } from 'node:path';
import {
  ConfigurationError,
  commonConfig,
  databaseUrl,
  gatewayAddress,
  headerValue,
  httpUrl,
  natsAccess,
  natsSettings,
  readConfig,
  refuseExposedHost,
} from '@herald/service-kit';
import { z } from 'zod';
import { StartRefusedError } from './start-refused.ts';

const portRule = 'must be a port number, 1 to 65535';
const port = z.coerce.number(portRule).int(portRule).min(1, portRule).max(65_535, portRule);

/** What the launcher itself reads. */
export const launcherSettings = z
  .object({
    ...natsSettings.shape,
    ...gatewayAddress,
    PORT: port.default(8000),
    HERALD_DATA: z.string().optional(),
    LOG_LEVEL: z.string().default('info'),
    OPS_HOST: commonConfig.shape.OPS_HOST,
    NATS_URL: natsSettings.shape.NATS_URL.unwrap().optional(),
    DATABASE_URL: databaseUrl.optional(),
    PROVIDER_URL: httpUrl.optional(),
    PROVIDER_TOKEN: headerValue.optional(),
  })
  .superRefine(refuseExposedHost);

const NATS_FILES = [
  'NATS_PASSWORD_FILE',
  'NATS_NKEY_FILE',
  'NATS_CREDS_FILE',
  'NATS_CA_FILE',
  'NATS_CERT_FILE',
  'NATS_KEY_FILE',
] as const;

/** What the environment says to the launcher. URLs which are set replace the embedded part of that kind. */
export type LauncherConfiguration = {
  readonly port: number;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly logLevel: string;
  /** Where gateways listen, and where the other services answer for their health. */
  readonly gatewayHost: string;
  readonly opsHost: string;
  readonly natsUrl: string | undefined;
  /** The variables with which services log in at a NATS server of somebody's own; paths are absolute. */
  readonly natsLogin: Readonly<Record<string, string>>;
  readonly databaseUrl: string | undefined;
  readonly providerUrl: string | undefined;
  readonly providerToken: string | undefined;
};

/** @throws {StartRefusedError} naming every variable that is wrong. */
export function readConfiguration(
  variables: NodeJS.ProcessEnv,
  checkoutDirectory: string,
): LauncherConfiguration {
  try {
    const settings = readConfig(launcherSettings, variables);
    return {
      port: settings.PORT,
      dataDirectory:
        settings.HERALD_DATA === undefined ? join(checkoutDirectory, 'data') : resolve(settings.HERALD_DATA),
      logLevel: settings.LOG_LEVEL,
      gatewayHost: settings.HOST,
      opsHost: settings.OPS_HOST,
      natsUrl: settings.NATS_URL,
      natsLogin: readNatsLogin(settings),
      databaseUrl: settings.DATABASE_URL,
      providerUrl: settings.PROVIDER_URL,
      providerToken: settings.PROVIDER_TOKEN,
    };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new StartRefusedError(`The environment is not right. ${error.problems.join('; ')}`);
  }
}

function readNatsLogin(settings: z.infer<typeof launcherSettings>): Record<string, string> {
  const login: Record<string, string> = {};
  if (settings.NATS_USER !== undefined) login.NATS_USER = settings.NATS_USER;
  for (const name of NATS_FILES) {
    const path = settings[name];
    if (path !== undefined) login[name] = resolve(path);
  }
  const names = Object.keys(login);
  if (settings.NATS_URL === undefined) {
    // Whoever forgot the URL would write into the embedded server instead of their own.
    if (names.length === 0) return {};
    throw new ConfigurationError([`${names.join(', ')}: only for a server that is named in NATS_URL`]);
  }
  natsAccess({ NATS_URL: settings.NATS_URL, ...login });
  return login;
}
