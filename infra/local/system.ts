import { join } from 'node:path';
import { stopStaleNatsServer, stopStalePostgres, withoutPostgresVariables } from '@herald/embedded';
import type { LauncherConfiguration } from './configuration.ts';
import { type Crew, createCrew } from './crew.ts';
import { makePrivate } from './data-directory.ts';
import { type DataLock, lockDataDirectory } from './data-lock.ts';
import {
  describeProcesses,
  removeDescription,
  type SystemDescription,
  writeDescription,
} from './description.ts';
import { layFoundation } from './foundation.ts';
import type { Output } from './output.ts';
import { planPorts } from './plan-ports.ts';
import { reachableHost } from './reachable-host.ts';
import type { Scale } from './scale.ts';
import { defineService, listInstances } from './services.ts';
import { StartRefusedError } from './start-refused.ts';

export type SystemOptions = {
  readonly checkoutDirectory: string;
  /** Relative to the checkout; another one in tests. */
  readonly servicesDirectory: string;
  readonly configuration: LauncherConfiguration;
  readonly scale: Scale;
  /** What the services' environment is made from. */
  readonly environment: NodeJS.ProcessEnv;
  readonly output: Output;
  /** Gives up a start which is under way; what is there already is stopped first. */
  readonly signal?: AbortSignal;
};

export type System = {
  /** Where everything is at this moment. */
  describe(): SystemDescription;
  /** Stops everything within 10 s. */
  stop(): Promise<void>;
};

/** A service that never gets ready must not keep the API from those who could use the rest. */
const GATEWAYS_WAIT_MS = 15_000;

/**
 * Brings the whole system up: broker, database and provider simulator (those which are not named in the
 * environment), then the services, gateways last. Resolves when all are ready.
 * @throws {StartRefusedError} when the data are in use or their folder cannot be used, a gateway's port is taken,
 *   the broker or the database does not come up, or a service's environment does not fit; the signal's reason
 *   when it is aborted. Nothing is left running then.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { configuration, output, signal } = options;
  const { dataDirectory } = configuration;
  const lock = await takeDataDirectory(dataDirectory, output);
  let describe: (() => SystemDescription) | undefined;
  const crew = createCrew({
    output,
    signal,
    onChange: () => {
      if (describe !== undefined) tryToWriteDescription(describe(), output);
    },
  });
  const stop = async () => {
    await crew.stop();
    removeDescription(dataDirectory);
    await lock.release();
  };
  try {
    removeDescription(dataDirectory);
    const complete = await bringUp(options, crew, lock.takenOver);
    describe = complete;
    writeDescription(complete());
    return { describe: complete, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function takeDataDirectory(dataDirectory: string, { warn }: Output): Promise<DataLock> {
  try {
    await makePrivate(dataDirectory, warn);
    return await lockDataDirectory(dataDirectory);
  } catch (error) {
    if (error instanceof StartRefusedError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartRefusedError(
      `The data folder ${dataDirectory} cannot be used: ${reason}. Set HERALD_DATA to another folder.`,
      { cause: error },
    );
  }
}

async function bringUp(
  options: SystemOptions,
  crew: Crew,
  afterCrash: boolean,
): Promise<() => SystemDescription> {
  const { configuration, output, scale, checkoutDirectory, servicesDirectory } = options;
  const { dataDirectory, logLevel, gatewayHost, opsHost } = configuration;
  const { say, pass } = output;
  // Those that a shell has for another server are for a database of somebody's own.
  const environment =
    configuration.databaseUrl === undefined
      ? withoutPostgresVariables(options.environment)
      : options.environment;
  const instances = listInstances(scale);
  await endWhatWasLeft(options);
  const ports = await planPorts({ configuration, instances, afterCrash });
  const serversOptions = { dataDirectory, toolsDirectory: join(checkoutDirectory, '.tools'), say };
  const servicesOptions = {
    checkoutDirectory,
    servicesDirectory,
    environment,
    logLevel,
    gatewayHost,
    opsHost,
    pass,
  };
  const foundation = await layFoundation(configuration, ports, serversOptions, servicesOptions);

  const servers = foundation.servers.map((server) => crew.start(server, 'foundation', true));
  if (foundation.simulator !== undefined) crew.start(foundation.simulator, 'foundation');
  await crew.untilUp(servers);

  const surroundings = foundation.surroundings();
  const portOf = (name: string) => ports[name] ?? 0;
  const isGateway = ({ service }: { service: string }) => service === 'gateway';
  for (const one of instances.filter((instance) => !isGateway(instance))) {
    crew.start(defineService(one, portOf(one.name), surroundings, servicesOptions), 'service');
  }
  await crew.untilUp(crew.list(), GATEWAYS_WAIT_MS);
  const gateways = instances
    .filter(isGateway)
    .map((one) => crew.start(defineService(one, portOf(one.name), surroundings, servicesOptions), 'gateway'));
  await crew.untilUp(crew.list());

  return () => ({
    gateway: gateways.map(({ port }) => `http://${reachableHost(gatewayHost)}:${port}`),
    natsUrl: surroundings.natsUrl,
    databaseUrl: surroundings.databaseUrl,
    provider: surroundings.providerUrl,
    ...(foundation.providerControl === undefined ? {} : { providerControl: foundation.providerControl }),
    providerToken: surroundings.providerToken,
    dataDirectory,
    processes: describeProcesses(crew.list()),
  });
}

/** On a full disk processes die, and are brought back: what tells of it must not take everything else down. */
function tryToWriteDescription(description: SystemDescription, { warn }: Output): void {
  try {
    writeDescription(description);
  } catch (error) {
    warn(`system.json could not be written and is out of date: ${String(error)}`);
  }
}

/** Before ports are looked at: what a killed launcher has left still holds them. */
async function endWhatWasLeft({ configuration, output }: SystemOptions): Promise<void> {
  const { dataDirectory, natsUrl, databaseUrl } = configuration;
  await Promise.all([
    natsUrl === undefined ? stopStaleNatsServer(join(dataDirectory, 'nats'), output.say) : undefined,
    databaseUrl === undefined ? stopStalePostgres(join(dataDirectory, 'postgres'), output.say) : undefined,
  ]);
}
