export type NatsConfiguration = {
  readonly serverName: string;
  /** Address to listen on. */
  readonly host: string;
  readonly port: number;
  readonly storeDirectory: string;
  readonly pidFile?: string;
};

/** Servers warn above this, and a command with 500 clients or a batch of 250 recipients stays far below. */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

/** A configuration file for nats-server 2.9 and newer: JetStream on disk, no monitoring port. */
export function renderNatsConfiguration(configuration: NatsConfiguration): string {
  const { serverName, host, port, storeDirectory, pidFile } = configuration;
  return [
    `server_name: ${quoted(serverName)}`,
    `host: ${quoted(host)}`,
    `port: ${port}`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    ...(pidFile === undefined ? [] : [`pid_file: ${quoted(pidFile)}`]),
    `jetstream { store_dir: ${quoted(storeDirectory)} }`,
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
