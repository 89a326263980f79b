export type NatsConfiguration = {
  readonly serverName: string;
  /** Address to listen on. */
  readonly host: string;
  readonly port: number;
  readonly storeDirectory: string;
  readonly pidFile?: string;
  /** What all streams in files may take together, bytes; three quarters of the free disk unless told. */
  readonly maxFileStoreBytes?: number | undefined;
  readonly cluster?: NatsClusterMembership;
};

/** How a server finds the others of its cluster. */
export type NatsClusterMembership = {
  /** The same for all of them. */
  readonly name: string;
  /** Where it listens for the others, on the same address as for clients. */
  readonly port: number;
  /** Ports of all of them on loopback; its own may stand among them. */
  readonly routes: readonly number[];
};

/** Servers warn above this, and a command with 500 clients or a batch of 250 recipients stays far below. */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

/** A configuration file for nats-server 2.9 and newer: JetStream on disk, no monitoring port. */
export function renderNatsConfiguration(configuration: NatsConfiguration): string {
  const { serverName, host, port, storeDirectory, pidFile, maxFileStoreBytes, cluster } = configuration;
  const limit = maxFileStoreBytes === undefined ? '' : `, max_file_store: ${maxFileStoreBytes}`;
  return [
    `server_name: ${quoted(serverName)}`,
    `host: ${quoted(host)}`,
    `port: ${port}`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    ...(pidFile === undefined ? [] : [`pid_file: ${quoted(pidFile)}`]),
    `jetstream { store_dir: ${quoted(storeDirectory)}${limit} }`,
    ...(cluster === undefined ? [] : [renderCluster(host, cluster)]),
    '',
  ].join('\n');
}

function renderCluster(host: string, { name, port, routes }: NatsClusterMembership): string {
  const urls = routes.map((each) => quoted(`nats://127.0.0.1:${each}`)).join(', ');
  return `cluster { name: ${quoted(name)}, host: ${quoted(host)}, port: ${port}, routes: [${urls}] }`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
