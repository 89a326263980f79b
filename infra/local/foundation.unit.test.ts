import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';
import { layFoundation } from './foundation.ts';

let dataDirectory: string;
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'herald-foundation-'));
});
afterEach(() => rm(dataDirectory, { recursive: true }));

test.each([{}, { PROVIDER_TOKEN: 'secret' }])(
  'the folder of the simulator is there, with %o in the environment',
  async (environment) => {
    const configuration = readConfiguration({ ...environment, HERALD_DATA: dataDirectory }, '/');
    const ports = { 'nats-server': 1, postgres: 2, 'provider-simulator': 3, 'provider-simulator-control': 4 };
    const servers = { dataDirectory, toolsDirectory: '/', say: () => {} };
    const services = {
      checkoutDirectory: '/',
      servicesDirectory: 'services',
      environment: {},
      logLevel: 'info',
      gatewayHost: '127.0.0.1',
      opsHost: '127.0.0.1',
      pass: () => {},
    };
    await layFoundation(configuration, ports, servers, services);
    expect((await stat(join(dataDirectory, 'provider'))).isDirectory()).toBe(true);
  },
);
