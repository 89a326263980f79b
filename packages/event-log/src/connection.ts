import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import {
  type ConnectionOptions,
  connect,
  type NatsConnection,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from 'nats';
import { type BrokerLogin, parseBrokerUrls } from './broker-url.ts';
import { FullStreams } from './full-streams.ts';
import { identityCheck } from './server-identity.ts';

/** What a service holds of the broker: the connection and the manager of its streams. */
export interface Broker {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  /** Which streams have no room, as the answers to this process's publishes say. */
  readonly fullStreams: FullStreams;
  /** True while the socket to the server stands. */
  isConnected(): boolean;
  /** Calls back after every loss and every return of the connection; the answer takes the listener away again. */
  onChange(listener: (connected: boolean) => void): () => void;
}

export interface BrokerOptions {
  /** `nats://host:port`, several divided by commas; may hold a login. */
  readonly url: string;
  /** How to log in and whom to trust, where the URL does not say it. Asked again at every connection. */
  readonly access?: BrokerAccess;
  /** Shown in the server's list of connections. */
  readonly name: string;
  /** Told of every loss, return and error, for the log. */
  readonly say?: (event: string, details: Record<string, unknown>) => void;
  readonly signal?: AbortSignal;
}

export type BrokerAccess = Pick<ConnectionOptions, 'authenticator' | 'tls'>;

/** How long to wait between two tries, milliseconds. The client's default would give up after ten tries. */
const RECONNECT_MS = 250;

/**
 * Connects, and stays connected for ever: the first connection is tried until it stands or the signal aborts, a lost
 * one is tried again without an end.
 *
 * @throws the signal's reason when it aborts first; BrokerUrlError
 */
export async function connectBroker(options: BrokerOptions): Promise<Broker> {
  const say = options.say ?? (() => {});
  const { servers, login, tls } = parseBrokerUrls(options.url);
  const given = { ...(tls ? { tls: {} } : {}), ...options.access };
  const access: BrokerAccess = {
    ...(login === null ? {} : { authenticator: authenticatorOf(login) }),
    ...given,
    ...(given.tls ? { tls: { ...given.tls, ...{ checkServerIdentity: identityCheck(servers) } } } : {}),
  };
  let connection: NatsConnection | undefined;
  while (connection === undefined) {
    options.signal?.throwIfAborted();
    try {
      connection = await connect({
        servers: [...servers],
        ...access,
        name: options.name,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_MS,
        reconnectJitter: RECONNECT_MS,
        pingInterval: 5_000,
        maxPingOut: 2,
        timeout: 5_000,
        ignoreAuthErrorAbort: true,
        // Each request would make two errors beforehand, for the stack of its caller: 6 % of the mailing service's time.
        noAsyncTraces: true,
      });
    } catch (error) {
      say('broker not reachable yet', { error: String(error) });
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS * 4));
    }
  }
  const listeners = new Set<(connected: boolean) => void>();
  let connected = true;
  const change = (now: boolean): void => {
    connected = now;
    for (const listener of listeners) listener(now);
  };
  void followStatus(connection, change, say);
  return {
    connection,
    // The check would ask the server for account information; topology setup shows soon enough what is missing.
    manager: await jetstreamManager(connection, { checkAPI: false }),
    fullStreams: new FullStreams(),
    isConnected: () => connected,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function authenticatorOf(login: BrokerLogin): NonNullable<ConnectionOptions['authenticator']> {
  switch (login.kind) {
    case 'password':
      return usernamePasswordAuthenticator(login.user, login.password);
    case 'token':
      return tokenAuthenticator(login.token);
    default:
      return login satisfies never;
  }
}

async function followStatus(
  connection: NatsConnection,
  change: (connected: boolean) => void,
  say: (event: string, details: Record<string, unknown>) => void,
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect' || status.type === 'staleConnection') change(false);
    if (status.type === 'reconnect') change(true);
    // Our own closing is part of the stop and no trouble.
    if (status.type !== 'ping' && status.type !== 'close') say(`broker ${status.type}`, { ...status });
  }
  change(false);
}
