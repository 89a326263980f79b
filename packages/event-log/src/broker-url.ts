/** Where the broker is, read from text such as `nats://a:4222, nats://b:4222`. */
export interface BrokerServers {
  /** `host:port` each. */
  readonly servers: readonly string[];
  /** What stands before the `@`: user and password, or a token alone. */
  readonly login: BrokerLogin | null;
  /** Whether any of them asks for TLS (`tls://`); a server may ask for it by itself. */
  readonly tls: boolean;
}

export type BrokerLogin =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string };

/** The message says what is wrong and never shows the URL, which may hold a password. */
export class BrokerUrlError extends Error {
  override readonly name = 'BrokerUrlError';
}

const DEFAULT_PORT = 4222;

/**
 * Reads one URL or several divided by commas, blanks allowed. The client library would take the digits of a password
 * for a port, and drop the login, so it gets hosts and ports only.
 *
 * @throws BrokerUrlError where it is none, or holds what would be left out in silence
 */
export function parseBrokerUrls(text: string): BrokerServers {
  const given = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (given.length === 0) throw new BrokerUrlError('must be nats://host:port, several divided by commas');
  const read = given.map(parseOne);
  const logins = new Map(read.flatMap(({ login }) => (login ? [[JSON.stringify(login), login]] : [])));
  if (logins.size > 1)
    throw new BrokerUrlError('must not hold different logins: all servers get the same one');
  return {
    servers: read.map(({ server }) => server),
    login: [...logins.values()][0] ?? null,
    tls: read.some(({ tls }) => tls),
  };
}

function parseOne(text: string): { server: string; login: BrokerLogin | null; tls: boolean } {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'nats' && scheme !== 'tls') {
    throw new BrokerUrlError('must have the scheme nats:// or tls://');
  }
  // A comma in a password ends a URL: what follows would pass for a host with a token.
  if (scheme === undefined && text.includes('@')) {
    throw new BrokerUrlError('must have nats:// before a login; a comma in a password is written %2C');
  }
  const full = scheme === undefined ? `nats://${text}` : text;
  if (/\s/.test(full) || !URL.canParse(full)) {
    throw new BrokerUrlError('must be nats://host:port; odd characters in a password are written %XX');
  }
  const url = new URL(full);
  if (url.hostname === '') throw new BrokerUrlError('must name a host');
  if ((url.pathname !== '' && url.pathname !== '/') || /[?#]/.test(full)) {
    throw new BrokerUrlError('must have nothing behind host and port; odd characters in a password are %XX');
  }
  return {
    server: `${url.hostname}:${url.port === '' ? DEFAULT_PORT : url.port}`,
    login: loginOf(url),
    tls: scheme === 'tls',
  };
}

function loginOf(url: URL): BrokerLogin | null {
  if (url.username === '' && url.password === '') return null;
  const [user, password] = [decode(url.username), decode(url.password)];
  if (user === '') throw new BrokerUrlError('must name a user before the password');
  return password === '' ? { kind: 'token', token: user } : { kind: 'password', user, password };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BrokerUrlError('must have % in a login written %25');
  }
}
