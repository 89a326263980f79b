import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, readCommandLine } from '@herald/embedded';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLauncherFixture, type LauncherFixture } from './testing/launcher-fixture.ts';
import type { LauncherProcess, RunningSystem } from './testing/launcher-process.ts';

let fixture: LauncherFixture;
let launcher: LauncherProcess;

/** Meant for another server than the embedded one, which none of it must reach. */
const OF_A_SHELL = {
  PGSSLMODE: 'require',
  PGOPTIONS: '-c no_such_setting=1',
  PGBINARY: '1',
  PGHOST: 'db.invalid',
  PGUSER: 'stranger',
};

beforeAll(async () => {
  fixture = await createLauncherFixture();
  // As an earlier release made it.
  await chmod(fixture.dataDirectory, 0o755);
  await mkdir(join(fixture.dataDirectory, 'postgres'), { mode: 0o755 });
  launcher = fixture.launch({ args: ['--scale', 'sender=2'], environment: OF_A_SHELL });
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
  const { natsUrl, provider, processes } = system;
  expect(await launcher.said('ready')).toMatchObject({ natsUrl, provider, processes });
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

test('services get nothing of what the shell says of another PostgreSQL', () => {
  const { environment } = launcher.lines.find(
    ({ instance, msg }) => instance === 'stats-1' && msg === 'started',
  ) ?? { environment: undefined };
  for (const name of Object.keys(OF_A_SHELL)) expect(environment).not.toHaveProperty(name);
});

test('the data folder and what is in it is open to its owner alone, and one that was not is told of', async () => {
  for (const folder of ['', 'postgres', 'nats', 'provider']) {
    expect((await stat(join(fixture.dataDirectory, folder))).mode & 0o777).toBe(0o700);
  }
  const told = launcher.lines.filter(({ msg }) => msg.includes('was open to other users'));
  expect(told).toHaveLength(2);
});

test('what it says holds no secret, and the control of the provider has one in its path', async () => {
  const { databaseUrl, providerToken, providerControl } = await launcher.system();
  const secrets = [
    new URL(databaseUrl).password,
    providerToken,
    new URL(providerControl ?? '').pathname.slice(1),
  ];
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(30);
    const shown = launcher.lines.filter(({ msg }) => msg !== 'started').map((line) => JSON.stringify(line));
    expect(shown.filter((line) => line.includes(secret))).toEqual([]);
  }
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
