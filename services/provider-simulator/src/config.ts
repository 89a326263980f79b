import { z } from 'zod';

const port = z
  .string()
  .regex(/^\d+$/, 'must be a port number')
  .transform(Number)
  .pipe(z.number().max(65_535, 'must be a port number'));

const count = z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(1));

const headerValue = z.string().regex(/^[\x20-\x7e]*$/, 'must hold printable ASCII only');
const pathSegment = z.string().regex(/^[\w.~-]+$/, 'must hold letters, digits and - . _ ~ only');

export const simulatorSettings = z.object({
  PORT: port.default(0),
  CONTROL_PORT: port.default(0),
  HOST: z.string().default('127.0.0.1'),
  PROVIDER_TOKEN: headerValue.default('local-token'),
  PROVIDER_CONTROL_SECRET: pathSegment.optional(),
  PROVIDER_JOURNAL_FILE: z.string().optional(),
  PROVIDER_JOURNAL_LIMIT: count.default(2_000_000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  INSTANCE: z.string().optional(),
});

export interface Config {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly controlPort: number;
  readonly token: string;
  /** The path before control and journal; empty, or `/` and a secret that nobody guesses. */
  readonly controlPath: string;
  /** Null: the journal is kept in memory only. */
  readonly journalFile: string | null;
  /** Entries whose detail is kept. */
  readonly journalLimit: number;
  readonly logLevel: string;
  readonly instance: string;
}

/**
 * Reads the configuration; blanks and line ends around a value are cut off, and an empty variable is one that is not
 * set.
 * @throws naming every variable that is wrong
 */
export function readConfig(environment: NodeJS.ProcessEnv, processId: number): Config {
  const given = Object.entries(environment)
    .map(([name, value]) => [name, value?.trim() ?? ''] as const)
    .filter(([, value]) => value !== '');
  const parsed = simulatorSettings.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the configuration is wrong: ${reasons.join('; ')}`);
  }
  const { data } = parsed;
  return {
    host: data.HOST,
    port: data.PORT,
    controlPort: data.CONTROL_PORT,
    token: data.PROVIDER_TOKEN,
    controlPath: data.PROVIDER_CONTROL_SECRET === undefined ? '' : `/${data.PROVIDER_CONTROL_SECRET}`,
    journalFile: data.PROVIDER_JOURNAL_FILE ?? null,
    journalLimit: data.PROVIDER_JOURNAL_LIMIT,
    logLevel: data.LOG_LEVEL,
    instance: data.INSTANCE ?? String(processId),
  };
}
