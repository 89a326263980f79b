import type { LauncherConfiguration } from './configuration.ts';
import { assignPorts, isFreeInTime, type Ports } from './ports.ts';
import type { Instance } from './services.ts';
import { StartRefusedError } from './start-refused.ts';

/** Names, in `ports.json`, of what is no service. */
export const NATS = 'nats-server';
export const POSTGRES = 'postgres';
export const SIMULATOR = 'provider-simulator';
export const SIMULATOR_CONTROL = 'provider-simulator-control';

/** After a launcher was killed its services need a moment to notice and to give their ports back. */
const PATIENCE_AFTER_CRASH_MS = 5_000;

export type PortsPlan = {
  readonly configuration: LauncherConfiguration;
  readonly instances: readonly Instance[];
  readonly afterCrash: boolean;
};

/**
 * Ports for everything that the launcher is going to start: gateways have PORT and those after it, the rest
 * whatever is free, the same as last time where possible.
 * @throws {StartRefusedError} when a gateway's port is taken.
 */
export async function planPorts({ configuration, instances, afterCrash }: PortsPlan): Promise<Ports> {
  const patienceMs = afterCrash ? PATIENCE_AFTER_CRASH_MS : 0;
  const { port: firstPort, dataDirectory, natsUrl, databaseUrl, providerUrl } = configuration;
  const gateways = instances.filter(({ service }) => service === 'gateway');
  const fixed = Object.fromEntries(gateways.map(({ name }, index) => [name, firstPort + index]));
  for (const port of Object.values(fixed)) await refuseTakenPort(port, firstPort, patienceMs);
  const names = [
    ...(natsUrl === undefined ? [NATS] : []),
    ...(databaseUrl === undefined ? [POSTGRES] : []),
    ...(providerUrl === undefined ? [SIMULATOR, SIMULATOR_CONTROL] : []),
    ...instances.filter(({ service }) => service !== 'gateway').map(({ name }) => name),
  ];
  const taken = new Set(Object.values(fixed));
  return { ...(await assignPorts({ dataDirectory, names, patienceMs, taken })), ...fixed };
}

async function refuseTakenPort(port: number, firstPort: number, patienceMs: number): Promise<void> {
  if (port <= 65_535 && (await isFreeInTime(port, patienceMs))) return;
  const whose = port === firstPort ? '' : ` (gateways take PORT=${firstPort} and those after it)`;
  throw new StartRefusedError(
    `Port ${port}${whose} is taken by another program. Stop that one, or set PORT to a free port.`,
  );
}
