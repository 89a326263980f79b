import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, readCommandLine } from '@herald/embedded';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLauncherFixture, type LauncherFixture } from './testing/launcher-fixture.ts';
import type { LauncherProcess, RunningSystem } from './testing/launcher-process.ts';

let fixture: LauncherFixture;
let launcher: LauncherProcess;

beforeAll(async () => {
  fixture = await createLauncherFixture();
  launcher = fixture.launch({ args: ['--scale', 'sender=2'] });
  await launcher.said('ready');
}, 300_000);
afterAll(() => fixture.cleanUp());

const find = (system: RunningSystem, name: string) => {
  const found = system.processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`${name} is not there`);
  return found;
};

test('brings broker, database, provider and services up, and tells where they are', async () => {
  const system = await launcher.system();
  expect(system.processes.map(({ name }) => name).sort()).toEqual([
    'gateway-1',
    'mailing-1',
    'nats-server',
    'postgres',
    'provider-simulator',
    'scheduler-1',
    'sender-1',
    'sender-2',
    'stats-1',
  ]);
  expect(system.gateway).toEqual([`http://127.0.0.1:${fixture.port}`]);
  expect(await launcher.said('ready')).toMatchObject({ ...system, processes: system.processes });
  expect((await stat(join(fixture.dataDirectory, 'system.json'))).mode & 0o777).toBe(0o600);
  expect(await readCommandLine(find(system, 'sender-2').pid)).toEqual([
    'node',
    'infra/local/testing/services/sender/src/main.ts',
  ]);
});

test('tells a service what it needs and keeps the secrets of others from it', () => {
  const environmentOf = (name: string) =>
    launcher.lines.find(({ instance, msg }) => instance === name && msg === 'started')?.environment;
  expect(environmentOf('gateway-1')).toEqual({ NATS_URL: expect.any(String), LOG_LEVEL: 'info' });
  expect(environmentOf('stats-1')).toMatchObject({ DATABASE_URL: expect.stringContaining('postgres://') });
  expect(environmentOf('stats-1')).not.toHaveProperty('PROVIDER_TOKEN');
  expect(environmentOf('sender-1')).toMatchObject({ PROVIDER_TOKEN: expect.any(String) });
  expect(environmentOf('sender-1')).not.toHaveProperty('DATABASE_URL');
});

test.each(['nats-server', 'postgres', 'provider-simulator', 'sender-1', 'gateway-1'])(
  '%s comes back on the same port when it is killed',
  async (name) => {
    const before = find(await launcher.system(), name);
    process.kill(before.pid, 'SIGKILL');
    const after = await eventually(
      async () => {
        const process = find(await launcher.system(), name);
        return process.pid !== before.pid && process;
      },
      { timeoutMs: 20_000, message: `${name} is back` },
    );
    expect(after.port).toBe(before.port);
    expect(await launcher.said(`${name} has ended`)).toMatchObject({
      msg: `${name} has ended (signal SIGKILL); it comes back in 250 ms`,
    });
  },
);

test('a launcher that is killed leaves nothing running, and the next one goes on as before', async () => {
  const before = await launcher.system();
  launcher.signal('SIGKILL');
  await launcher.exited;
  for (const { name, pid } of before.processes.filter((process) => /-\d$|simulator/.test(process.name))) {
    await eventually(async () => (await readCommandLine(pid)) === undefined, { message: `${name} is gone` });
  }

  launcher = fixture.launch({ args: ['--scale', 'sender=2'] });
  await launcher.said('ready');

  const after = await launcher.system();
  expect(after.databaseUrl).toBe(before.databaseUrl);
  const ports = ({ processes }: RunningSystem) =>
    Object.fromEntries(processes.map(({ name, port }) => [name, port]));
  expect(ports(after)).toEqual(ports(before));
});

test('Ctrl-C, twice and to all processes at once, stops everything in good order', async () => {
  const { processes } = await launcher.system();
  launcher.signalGroup('SIGINT');
  launcher.signalGroup('SIGINT');
  expect(await launcher.exited).toEqual({ code: 0, signal: null });
  expect(processes.filter(({ pid }) => isAlive(pid))).toEqual([]);
  const messages = launcher.lines.map(({ msg }) => msg);
  expect(messages.filter((message) => message.includes('comes back'))).toEqual([]);
  expect(messages.at(-1)).toBe('stopped');
  await expect(launcher.system()).rejects.toThrow(/ENOENT/);
});
