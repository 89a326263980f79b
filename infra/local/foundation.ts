import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LauncherConfiguration } from './configuration.ts';
import type { PartDefinition } from './part.ts';
import { NATS, POSTGRES, SIMULATOR, SIMULATOR_CONTROL } from './plan-ports.ts';
import type { Ports } from './ports.ts';
import { readOrMakeSecret } from './secret.ts';
import { defineNats, definePostgres, type ServersOptions } from './servers.ts';
import { defineSimulator, type ServicesOptions, type Surroundings } from './services.ts';

/** What the services stand on: each part ours, or named in the environment. */
export type Foundation = {
  /** Without them nothing can start. */
  readonly servers: readonly PartDefinition[];
  readonly simulator: PartDefinition | undefined;
  readonly providerControl: string | undefined;
  /** Where it all is; to be asked once the servers are up. */
  surroundings(): Surroundings;
};

/** Decides which parts are embedded: one that has its URL in the environment is not. */
export async function layFoundation(
  configuration: LauncherConfiguration,
  ports: Ports,
  serversOptions: ServersOptions,
  servicesOptions: ServicesOptions,
): Promise<Foundation> {
  const { natsUrl, databaseUrl, providerUrl, dataDirectory } = configuration;
  const providerDirectory = join(dataDirectory, 'provider');
  await mkdir(providerDirectory, { recursive: true, mode: 0o700 });
  const token = configuration.providerToken ?? (await readOrMakeSecret(join(providerDirectory, 'token')));
  const controlSecret = await readOrMakeSecret(join(providerDirectory, 'control-secret'));
  const portOf = (name: string): number => {
    const port = ports[name];
    if (port === undefined) throw new Error(`No port was assigned to ${name}.`);
    return port;
  };
  const nats = natsUrl === undefined ? defineNats(portOf(NATS), serversOptions) : undefined;
  const postgres = databaseUrl === undefined ? definePostgres(portOf(POSTGRES), serversOptions) : undefined;
  const simulator =
    providerUrl === undefined
      ? {
          port: portOf(SIMULATOR),
          controlPort: portOf(SIMULATOR_CONTROL),
          token,
          controlSecret,
          journalFile: join(providerDirectory, 'journal.ndjson'),
        }
      : undefined;
  return {
    servers: [nats, postgres?.definition].filter((part) => part !== undefined),
    simulator: simulator === undefined ? undefined : defineSimulator(simulator, servicesOptions),
    providerControl:
      simulator === undefined ? undefined : `http://127.0.0.1:${simulator.controlPort}/${controlSecret}`,
    surroundings: () => ({
      natsUrl: natsUrl ?? `nats://127.0.0.1:${portOf(NATS)}`,
      natsLogin: configuration.natsLogin,
      databaseUrl: databaseUrl ?? postgres?.url() ?? '',
      providerUrl: providerUrl ?? `http://127.0.0.1:${portOf(SIMULATOR)}`,
      providerToken: token,
    }),
  };
}
