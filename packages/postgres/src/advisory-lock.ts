import { Client } from 'pg';
import { sessionOptions } from './session-options.ts';

export interface HeldLock {
  /** Resolves when the connection that holds the lock is lost: another may hold it from then on. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

const CONNECT_MS = 5_000;
/** After so long without a word (milliseconds) the operating system asks whether the server is still there. */
const KEEP_ALIVE_MS = 10_000;
/**
 * A server that does not answer the goodbye is not waited for longer, milliseconds. Over a line that a network has swallowed
 * TCP tries for a quarter of an hour, and asks no more whether anybody is there.
 */
const RELEASED_WITHIN_MS = 2_000;

/**
 * What the server does for this session. A holder whose machine vanished without a goodbye is found out within 20 s
 * (the default is two hours); a waiter that went away is noticed while it still waits. Without the latter each
 * instance that was stopped while waiting would leave a server process in the queue for as long as the holder lives.
 * `client_connection_check_interval` exists from PostgreSQL 14 on.
 */
const SESSION_SETTINGS = [
  '-c tcp_keepalives_idle=10',
  '-c tcp_keepalives_interval=3',
  '-c tcp_keepalives_count=3',
  '-c client_connection_check_interval=1000',
].join(' ');

/**
 * Waits for a session's advisory lock on a connection of its own; PostgreSQL hands it over the moment the holder's
 * connection ends, without polling. It only decides who tries: the compare-and-set on the checkpoint is the safety.
 *
 * @throws the signal's reason when it aborts first; the driver's error when the database is away
 */
export async function acquireLock(url: string, name: string, signal: AbortSignal): Promise<HeldLock> {
  signal.throwIfAborted();
  const client = new Client({
    ...sessionOptions(url, SESSION_SETTINGS),
    application_name: `lock ${name}`,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
    client.on('end', () => resolve());
  });
  // While the lock is waited for, an orderly end would wait as well.
  const cut = (): void => void client.connection.stream.destroy();
  signal.addEventListener('abort', cut, { once: true });
  try {
    await client.connect();
    signal.throwIfAborted();
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
    signal.throwIfAborted();
  } catch (error) {
    cut();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
  const release = async (): Promise<void> => {
    const timer = setTimeout(cut, RELEASED_WITHIN_MS);
    await client.end().finally(() => clearTimeout(timer));
  };
  return { lost, release };
}
