import { Client } from 'pg';

export interface HeldLock {
  /** Resolves when the connection that holds the lock is lost: another may hold it from then on. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/**
 * Waits for a session's advisory lock on a connection of its own; PostgreSQL hands it over the moment the holder's
 * connection ends, without polling. It only decides who tries: the compare-and-set on the checkpoint is the safety.
 *
 * @throws the signal's reason when it aborts first; the driver's error when the database is away
 */
export async function acquireLock(url: string, name: string, signal: AbortSignal): Promise<HeldLock> {
  signal.throwIfAborted();
  const client = new Client({ connectionString: url, application_name: `lock ${name}`, keepAlive: true });
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
    client.on('end', () => resolve());
  });
  const abort = (): void => {
    // While the lock is waited for, an orderly end would wait as well.
    client.connection.stream.destroy();
  };
  await client.connect();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
  return { lost, release: () => client.end() };
}
