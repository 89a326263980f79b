import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { natsSettings } from '@herald/service-kit';
import type { PartDefinition } from './part.ts';
import { reachableHost } from './reachable-host.ts';
import { SCALABLE_SERVICES, type ScalableService, type Scale } from './scale.ts';
import { spawnService } from './spawn-service.ts';

/** What a service is told about the others. */
export type Surroundings = {
  readonly natsUrl: string;
  /** Variables with which services log in there. */
  readonly natsLogin: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly providerUrl: string;
  readonly providerToken: string;
};

export type ServicesOptions = {
  readonly checkoutDirectory: string;
  /** Relative to the checkout. */
  readonly servicesDirectory: string;
  /** The environment of the launcher, which all get but for what is none of their business. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logLevel: string;
  readonly gatewayHost: string;
  readonly opsHost: string;
  pass(instance: string, line: string): void;
};

/** Variables which are meant for certain services; the rest must not even see them. */
const ADDRESSED: readonly string[] = [
  'DATABASE_URL',
  'PROVIDER_URL',
  'PROVIDER_TOKEN',
  'PORT',
  'OPS_PORT',
  'CONTROL_PORT',
  'PROVIDER_CONTROL_SECRET',
  'PROVIDER_JOURNAL_FILE',
  ...Object.keys(natsSettings.shape),
];

/**
 * Left alone, V8 takes memory as long as there is any: measured with 20,000 clients imported and called, 379 MB in a
 * mailing service and 297 MB in a sender, most of it garbage. A bound for the old generation ends that. The young one is a
 * compromise: in an import of 80,000 a mailing service with 2, 8, 16 and 32 MB takes 157, 173, 193 and 215 MB at its peak, and
 * spends 129, 110, 104 and 82 µs on a client, since what is in flight is copied less often. A sender takes less, and
 * throws away 12 kB with each message; and its garbage is collected by half as many threads as there are processors, since
 * it waits for all of them, and they for a processor. What the environment says comes after it, and wins.
 */
function runtimeOptionsOf(service: ScalableService): string {
  if (service !== 'sender') return '--max-semi-space-size=8 --max-old-space-size=256';
  const threads = Math.max(1, Math.floor(availableParallelism() / 2));
  return `--max-semi-space-size=16 --max-old-space-size=256 --v8-pool-size=${threads}`;
}

export type Instance = { readonly service: ScalableService; readonly name: string };

/** `sender-1`, `sender-2`, … */
export function listInstances(scale: Scale): readonly Instance[] {
  return SCALABLE_SERVICES.flatMap((service) =>
    Array.from({ length: scale[service] }, (_, index) => ({ service, name: `${service}-${index + 1}` })),
  );
}

export function defineService(
  { service, name }: Instance,
  port: number,
  surroundings: Surroundings,
  options: ServicesOptions,
): PartDefinition {
  const variables = {
    NATS_URL: surroundings.natsUrl,
    ...surroundings.natsLogin,
    NODE_OPTIONS: [runtimeOptionsOf(service), options.environment.NODE_OPTIONS ?? ''].join(' ').trim(),
    ...variablesOf(service, port, surroundings),
  };
  const host = reachableHost(service === 'gateway' ? options.gatewayHost : options.opsHost);
  return defineProcess(service, name, port, variables, `http://${host}:${port}/readyz`, options);
}

export type SimulatorPlan = {
  readonly port: number;
  readonly controlPort: number;
  readonly token: string;
  /** The path before `/control` and `/journal`. */
  readonly controlSecret: string;
  readonly journalFile: string;
};

/** Health is asked on the control port: the other one can be told to refuse connections. */
export function defineSimulator(plan: SimulatorPlan, options: ServicesOptions): PartDefinition {
  const variables = {
    // An exported HOST is meant for the gateways, or is some shell's name of the machine.
    HOST: '127.0.0.1',
    PORT: String(plan.port),
    CONTROL_PORT: String(plan.controlPort),
    PROVIDER_TOKEN: plan.token,
    PROVIDER_CONTROL_SECRET: plan.controlSecret,
    PROVIDER_JOURNAL_FILE: plan.journalFile,
  };
  const healthUrl = `http://127.0.0.1:${plan.controlPort}/healthz`;
  const service = 'provider-simulator';
  return defineProcess(service, service, plan.port, variables, healthUrl, options);
}

function variablesOf(service: ScalableService, port: number, surroundings: Surroundings): NodeJS.ProcessEnv {
  const { databaseUrl, providerUrl, providerToken } = surroundings;
  const ops = { OPS_PORT: String(port) };
  switch (service) {
    case 'gateway':
      return { PORT: String(port) };
    case 'mailing':
    case 'stats':
      return { ...ops, DATABASE_URL: databaseUrl };
    case 'sender':
      return { ...ops, PROVIDER_URL: providerUrl, PROVIDER_TOKEN: providerToken };
    case 'scheduler':
      return ops;
    default:
      return service satisfies never;
  }
}

function defineProcess(
  service: string,
  name: string,
  port: number,
  variables: NodeJS.ProcessEnv,
  readyUrl: string,
  options: ServicesOptions,
): PartDefinition {
  const inherited = Object.entries(options.environment).filter(([key]) => !ADDRESSED.includes(key));
  const environment = {
    NODE_ENV: 'production',
    // Half of the time of a start goes into compiling: the second start finds it done.
    NODE_COMPILE_CACHE: join(options.checkoutDirectory, '.tools', 'compile-cache'),
    ...Object.fromEntries(inherited),
    LOG_LEVEL: options.logLevel,
    INSTANCE: name,
    ...variables,
  };
  return {
    name,
    port,
    launch: () =>
      spawnService({
        script: join(options.servicesDirectory, service, 'src', 'main.ts'),
        workingDirectory: options.checkoutDirectory,
        environment,
        readyUrl,
        onLine: (line) => options.pass(name, line),
      }),
  };
}
