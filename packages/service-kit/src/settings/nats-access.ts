import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type BrokerAccess, parseBrokerUrls } from '@herald/event-log';
import { credsAuthenticator, nkeyAuthenticator, usernamePasswordAuthenticator } from 'nats';
import type { NatsSettings } from './common-config.ts';
import { ConfigurationError } from './read-config.ts';
import { isReadableByAll, readTextFile } from './secret-file.ts';

type FileSetting = Exclude<keyof NatsSettings, 'NATS_URL' | 'NATS_USER'>;
type Authenticator = Extract<NonNullable<BrokerAccess['authenticator']>, (nonce?: string) => unknown>;

export interface NatsAccess {
  readonly access: BrokerAccess;
  /** What works and should not stay so; for the log. */
  readonly warnings: readonly string[];
}

/** Whoever reads these can log in as Herald. */
const SECRET_FILES = ['NATS_PASSWORD_FILE', 'NATS_NKEY_FILE', 'NATS_CREDS_FILE', 'NATS_KEY_FILE'] as const;
const ALL_FILES: readonly FileSetting[] = [...SECRET_FILES, 'NATS_CA_FILE', 'NATS_CERT_FILE'];
const ANY_NONCE = 'tried at the start';

/**
 * How to log in at NATS and whom to trust there. All files are read and tried at once, so that a wrong one ends the
 * start, and read again at every connection, so that they may be replaced while the service runs.
 *
 * @throws ConfigurationError naming the variables that do not go together, or whose file cannot be used
 */
export function natsAccess(settings: NatsSettings): NatsAccess {
  const problems = [...problemsOfCombination(settings), ...problemsOfFiles(settings)];
  if (problems.length > 0) throw new ConfigurationError(problems);
  const authenticator = authenticatorOf(settings);
  const tls = tlsOf(settings);
  const warnings = SECRET_FILES.flatMap((name) => {
    const path = settings[name];
    if (path === undefined || !isReadableByAll(path)) return [];
    return [`${name}: the file ${path} may be read by every user of this machine`];
  });
  return {
    access: { ...(authenticator === null ? {} : { authenticator }), ...(tls === null ? {} : { tls }) },
    warnings,
  };
}

function problemsOfCombination(settings: NatsSettings): string[] {
  const logins = [
    parseBrokerUrls(settings.NATS_URL).login === null ? undefined : 'a login in NATS_URL',
    settings.NATS_USER === undefined ? undefined : 'NATS_USER',
    settings.NATS_NKEY_FILE === undefined ? undefined : 'NATS_NKEY_FILE',
    settings.NATS_CREDS_FILE === undefined ? undefined : 'NATS_CREDS_FILE',
  ].filter((login) => login !== undefined);
  return [
    ...(logins.length > 1 ? [`${logins.join(', ')}: only one way to log in may be given`] : []),
    ...missingHalf(settings, 'NATS_USER', 'NATS_PASSWORD_FILE'),
    ...missingHalf(settings, 'NATS_CERT_FILE', 'NATS_KEY_FILE'),
  ];
}

function missingHalf(settings: NatsSettings, one: keyof NatsSettings, other: keyof NatsSettings): string[] {
  if ((settings[one] === undefined) === (settings[other] === undefined)) return [];
  const [given, missing] = settings[one] === undefined ? [other, one] : [one, other];
  return [`${missing}: must be set too, as ${given} is`];
}

function problemsOfFiles(settings: NatsSettings): string[] {
  const unreadable = ALL_FILES.flatMap((name) => {
    const path = settings[name];
    return path === undefined ? [] : problemOfReading(name, path);
  });
  if (unreadable.length > 0) return unreadable;
  const { NATS_NKEY_FILE, NATS_CREDS_FILE, NATS_CA_FILE, NATS_CERT_FILE, NATS_KEY_FILE } = settings;
  const contentOf = (path: string | undefined) => (path === undefined ? undefined : readTextFile(path));
  const certificate = { cert: contentOf(NATS_CERT_FILE), key: contentOf(NATS_KEY_FILE) };
  return [
    ...problemOf('NATS_NKEY_FILE', 'is no seed of an nkey', () =>
      NATS_NKEY_FILE === undefined ? undefined : nkeyOf(NATS_NKEY_FILE)(ANY_NONCE),
    ),
    ...problemOf('NATS_CREDS_FILE', 'is no credentials file', () =>
      NATS_CREDS_FILE === undefined ? undefined : credsOf(NATS_CREDS_FILE)(ANY_NONCE),
    ),
    ...problemOf('NATS_CA_FILE', 'is no certificate (PEM)', () =>
      NATS_CA_FILE === undefined ? undefined : new X509Certificate(readTextFile(NATS_CA_FILE)),
    ),
    ...problemOf(
      'NATS_CERT_FILE, NATS_KEY_FILE',
      'are no certificate with its key, without a password (PEM)',
      () => createSecureContext(certificate),
    ),
  ];
}

function problemOfReading(name: FileSetting, path: string): string[] {
  try {
    readTextFile(path);
    return [];
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** What is wrong is not taken from the error, which may show the content of the file. */
function problemOf(names: string, problem: string, tryIt: () => unknown): string[] {
  try {
    tryIt();
    return [];
  } catch {
    return [`${names}: ${problem}`];
  }
}

function authenticatorOf(settings: NatsSettings): Authenticator | null {
  const { NATS_USER, NATS_PASSWORD_FILE, NATS_NKEY_FILE, NATS_CREDS_FILE } = settings;
  if (NATS_NKEY_FILE !== undefined) return nkeyOf(NATS_NKEY_FILE);
  if (NATS_CREDS_FILE !== undefined) return credsOf(NATS_CREDS_FILE);
  if (NATS_USER === undefined || NATS_PASSWORD_FILE === undefined) return null;
  return usernamePasswordAuthenticator(NATS_USER, readAgain(NATS_PASSWORD_FILE));
}

function nkeyOf(path: string): Authenticator {
  return nkeyAuthenticator(bytesOf(readAgain(path)));
}

function credsOf(path: string): Authenticator {
  // The client looks for a line end behind the last line too.
  const read = readAgain(path);
  return credsAuthenticator(bytesOf(() => `${read()}\n`));
}

const bytesOf = (read: () => string) => () => new TextEncoder().encode(read());

/** A file that is being replaced just now must not end the connection for good: what it held last is tried then. */
function readAgain(path: string): () => string {
  let last = readTextFile(path);
  return () => {
    try {
      last = readTextFile(path);
    } catch {
      // The server says whether the old one still holds, and every further try reads again.
    }
    return last;
  };
}

function tlsOf({
  NATS_CA_FILE,
  NATS_CERT_FILE,
  NATS_KEY_FILE,
}: NatsSettings): NonNullable<BrokerAccess['tls']> | null {
  if (NATS_CA_FILE === undefined && NATS_CERT_FILE === undefined) return null;
  return {
    ...(NATS_CA_FILE === undefined ? {} : { caFile: NATS_CA_FILE }),
    ...(NATS_CERT_FILE === undefined ? {} : { certFile: NATS_CERT_FILE }),
    ...(NATS_KEY_FILE === undefined ? {} : { keyFile: NATS_KEY_FILE }),
  };
}
