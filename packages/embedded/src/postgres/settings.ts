export type PostgresSettings = {
  readonly port: number;
  /** Whether a commit is on disk before it is answered. Off is for throw-away data only. */
  readonly durable: boolean;
  /** Further lines of the file, such as TLS. */
  readonly further?: string;
};

/** The file which a cluster includes last, written anew at every start. */
export const SETTINGS_FILE = 'herald.conf';

/**
 * What holds wherever the server stands, also in a test's container: settings for one that shares a small
 * machine with five services and the broker.
 */
export function commonPostgresSettings({ durable }: Pick<PostgresSettings, 'durable'>) {
  return {
    max_connections: '200',
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    // No replica ever reads this server's log: the truth is in the broker's.
    wal_level: 'minimal',
    max_wal_senders: '0',
    // Parallel queries take shared memory from /dev/shm, of which containers have 64 MB.
    max_parallel_workers_per_gather: '0',
    max_parallel_maintenance_workers: '0',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
}

/** The settings file of a server that is a process of this machine: on loopback only. */
export function renderPostgresSettings({ port, durable, further = '' }: PostgresSettings): string {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    ...commonPostgresSettings({ durable }),
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'`)
    .join('\n')}\n${further}`;
}
