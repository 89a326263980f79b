import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@herald/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALL_EXTERNAL, createLauncherFixture, type LauncherFixture } from './testing/launcher-fixture.ts';

let fixture: LauncherFixture;

beforeEach(async () => {
  fixture = await createLauncherFixture();
});
afterEach(() => fixture.cleanUp());

test('what is named in the environment is used as it is, and nothing is embedded in its place', async () => {
  const launcher = fixture.launch({ environment: ALL_EXTERNAL });
  await launcher.said('ready');
  const system = await launcher.system();
  expect(system).toMatchObject({
    natsUrl: ALL_EXTERNAL.NATS_URL,
    databaseUrl: ALL_EXTERNAL.DATABASE_URL,
    provider: ALL_EXTERNAL.PROVIDER_URL,
  });
  expect(system.processes.map(({ name }) => name)).toEqual([
    'mailing-1',
    'scheduler-1',
    'sender-1',
    'stats-1',
    'gateway-1',
  ]);
});

test('a broker of somebody’s own gets the login from all services, and from no one else', async () => {
  const password = join(fixture.dataDirectory, 'password');
  await writeFile(password, 'secret\n', { mode: 0o600 });
  const login = { NATS_USER: 'me', NATS_PASSWORD_FILE: password };
  const { PROVIDER_URL: _embedded, ...external } = ALL_EXTERNAL;
  const launcher = fixture.launch({ environment: { ...external, ...login, PGSSLMODE: 'verify-full' } });
  await launcher.said('ready');
  const environmentOf = (name: string) =>
    launcher.lines.find(({ instance, msg }) => instance === name && msg === 'started')?.environment;
  for (const name of ['gateway-1', 'mailing-1', 'scheduler-1', 'sender-1', 'stats-1']) {
    expect(environmentOf(name)).toMatchObject(login);
  }
  expect(environmentOf('provider-simulator')).not.toHaveProperty('NATS_USER');
  // For a database of somebody's own all holds that `pg` takes.
  expect(environmentOf('stats-1')).toMatchObject({ PGSSLMODE: 'verify-full' });
});

test('with a proxy that does not work the start asks it nothing', async () => {
  let asked = 0;
  const proxy = createTcpServer((socket) => {
    asked += 1;
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
  const environment = Object.fromEntries(names.map((name) => [name, `http://127.0.0.1:${port}`]));
  try {
    const launcher = fixture.launch({
      environment: { ...ALL_EXTERNAL, ...environment, NODE_USE_ENV_PROXY: '1', NO_PROXY: '', no_proxy: '' },
    });
    await launcher.said('ready');
    expect(asked).toBe(0);
  } finally {
    proxy.close();
  }
});

test('a line end or a blank around where services listen keeps nothing from being found ready', async () => {
  const environment = { ...ALL_EXTERNAL, HOST: '127.0.0.1\n', OPS_HOST: ' ' };
  const launcher = fixture.launch({ environment });
  await launcher.said('ready');
  expect((await launcher.system()).gateway).toEqual([`http://127.0.0.1:${fixture.port}`]);
});

test('a gateway for other machines ends the start before anything is started, unless AUTH=open says so', async () => {
  const launcher = fixture.launch({ environment: { ...ALL_EXTERNAL, HOST: '0.0.0.0' } });
  expect(await launcher.exited).toEqual({ code: 1, signal: null });
  const said = launcher.lines.map(({ msg }) => msg).join('\n');
  expect(said).toMatch(/HOST: 0\.0\.0\.0 .*AUTH=open/);
  expect(said).not.toContain('is up');
});

test('gateways take the ports from PORT on and start last', async () => {
  const launcher = fixture.launch({ environment: ALL_EXTERNAL, args: ['--scale', 'gateway=2'] });
  await launcher.said('ready');
  const { gateway } = await launcher.system();
  expect(gateway).toEqual([0, 1].map((index) => `http://127.0.0.1:${fixture.port + index}`));
  const up = launcher.lines.filter(({ msg }) => msg.includes(' is up ')).map(({ part }) => part);
  expect(up.slice(0, 4).sort()).toEqual(['mailing-1', 'scheduler-1', 'sender-1', 'stats-1']);
  expect(up.slice(4).sort()).toEqual(['gateway-1', 'gateway-2']);
});

test('gateways are asked to stop before the rest, and what does not stop is killed within ten seconds', async () => {
  const environment = { ...ALL_EXTERNAL, FAKE_STUBBORN: 'sender-1' };
  const launcher = fixture.launch({ environment });
  await launcher.said('ready');
  const begin = performance.now();
  launcher.signal('SIGTERM');
  expect(await launcher.exited).toEqual({ code: 0, signal: null });
  const tookMs = performance.now() - begin;
  expect(tookMs).toBeGreaterThan(6_500);
  // Some moments more for a machine that is busy: what is not killed would sleep for ever.
  expect(tookMs).toBeLessThan(15_000);
  const stopping = launcher.lines.filter(({ msg }) => msg === 'stopping').map(({ instance }) => instance);
  expect(stopping[0]).toBe('gateway-1');
  expect(stopping).toHaveLength(5);
});

test('a service that cannot start is tried again ever later, and a stop does not wait for it', async () => {
  const environment = { ...ALL_EXTERNAL, FAKE_BROKEN: 'gateway-1' };
  const launcher = fixture.launch({ environment });
  await launcher.said('gateway-1 has ended (exit code 3); it comes back in 1000 ms');
  const delays = launcher.lines.filter(({ part, delayMs }) => part === 'gateway-1' && delayMs !== undefined);
  expect(delays.map(({ delayMs }) => delayMs)).toEqual([250, 500, 1_000]);
  expect(launcher.lines).toContainEqual(
    expect.objectContaining({ level: 'warn', instance: 'gateway-1', msg: 'broken on purpose' }),
  );
  launcher.signal('SIGTERM');
  expect(await launcher.exited).toEqual({ code: 0, signal: null });
});

test('a service whose environment does not fit ends the start with what it said', async () => {
  const launcher = fixture.launch({ environment: { ...ALL_EXTERNAL, FAKE_MISFIT: 'sender-1' } });
  expect(await launcher.exited).toEqual({ code: 1, signal: null });
  expect(launcher.lines).toContainEqual(
    expect.objectContaining({ instance: 'sender-1', msg: 'PATIENCE: must be a number' }),
  );
  expect(launcher.lines.at(-1)?.msg).toMatch(/sender-1 did not start\. Its environment does not fit/);
});

test('a description that cannot be written, as on a full disk, does not end the system', async () => {
  const launcher = fixture.launch({ environment: ALL_EXTERNAL });
  await launcher.said('ready');
  const sender = (await launcher.system()).processes.find(({ name }) => name === 'sender-1');
  await mkdir(join(fixture.dataDirectory, 'system.json.new'));
  process.kill(sender?.pid ?? 0, 'SIGKILL');
  await launcher.said('system.json could not be written');
  await eventually(() => launcher.lines.filter(({ msg }) => msg.startsWith('sender-1 is up')).length === 2);
  launcher.signal('SIGTERM');
  expect(await launcher.exited).toEqual({ code: 0, signal: null });
});

test('a second launcher on the same data is refused and leaves the first alone', async () => {
  const first = fixture.launch({ environment: ALL_EXTERNAL });
  await first.said('ready');
  const second = fixture.launch({ environment: ALL_EXTERNAL, port: fixture.port + 10 });
  expect(await second.exited).toEqual({ code: 1, signal: null });
  expect(second.lines.at(-1)).toMatchObject({
    level: 'error',
    msg: expect.stringContaining(
      `Another launcher (process ${first.pid}) is at work on ${fixture.dataDirectory}`,
    ),
  });
  expect((await first.system()).processes).toHaveLength(5);
});

test('a data folder that cannot be used is refused by the name of HERALD_DATA', async () => {
  const dataDirectory = join(fixture.dataDirectory, 'a file');
  await writeFile(dataDirectory, '');
  const launcher = fixture.launch({ environment: ALL_EXTERNAL, dataDirectory });
  expect(await launcher.exited).toEqual({ code: 1, signal: null });
  expect(launcher.lines.at(-1)?.msg).toMatch(
    /^The data folder .*a file cannot be used: ENOTDIR.* Set HERALD_DATA/,
  );
});

test('a port that is taken is refused by the name of PORT', async () => {
  const stranger = createServer();
  await new Promise<void>((resolve) => stranger.listen(fixture.port, '127.0.0.1', resolve));
  try {
    const launcher = fixture.launch({ environment: ALL_EXTERNAL });
    expect(await launcher.exited).toEqual({ code: 1, signal: null });
    expect(launcher.lines.at(-1)?.msg).toMatch(new RegExp(`Port ${fixture.port} is taken .* set PORT`));
  } finally {
    stranger.close();
  }
});

test('a broker that cannot be started ends the start with what to do', async () => {
  const launcher = fixture.launch({ environment: { HERALD_NATS_SERVER: '/nowhere/nats-server' } });
  expect(await launcher.exited).toEqual({ code: 1, signal: null });
  expect(launcher.lines.at(-1)?.msg).toMatch(/nats-server did not start\. HERALD_NATS_SERVER=\/nowhere/);
});
