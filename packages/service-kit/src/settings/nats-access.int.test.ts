import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, connectBroker } from '@herald/event-log';
import {
  eventually,
  type GuardedNats,
  guardedFile,
  readLogins,
  startGuardedNats,
  tlsConfiguration,
} from '@herald/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { natsSettings } from './common-config.ts';
import { natsAccess } from './nats-access.ts';
import { readConfig } from './read-config.ts';

let directory: string;
const open: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'herald-access-'));
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
  await rm(directory, { recursive: true, force: true });
});

async function guarded(configuration: string): Promise<GuardedNats> {
  const server = await startGuardedNats(configuration);
  open.push(server);
  return server;
}

async function file(name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

/** As a service connects. Rejects with what the server said where it does not let us in at once. */
async function connect(environment: NodeJS.ProcessEnv): Promise<Broker> {
  const settings = readConfig(natsSettings, environment);
  const refused = new AbortController();
  const broker = await connectBroker({
    url: settings.NATS_URL,
    access: natsAccess(settings).access,
    name: 'access test',
    say: (event, details) => refused.abort(new Error(`${event}: ${JSON.stringify(details)}`)),
    signal: refused.signal,
  });
  open.push({ stop: () => broker.connection.close() });
  return broker;
}

/** JetStream answers: the login reaches an account that has it. */
async function works(environment: NodeJS.ProcessEnv): Promise<Broker> {
  const broker = await connect(environment);
  await broker.manager.getAccountInfo();
  return broker;
}

const USERS = 'authorization { user: me, password: "123 p@ss/#%" }\n';

test('with user and password, from a file with a line end, or in the URL', async () => {
  const { port } = await guarded(USERS);
  const NATS_URL = `nats://127.0.0.1:${port}`;
  const NATS_PASSWORD_FILE = await file('password', '\uFEFF123 p@ss/#%\r\n');
  await works({ NATS_URL, NATS_USER: 'me', NATS_PASSWORD_FILE });
  await works({ NATS_URL: `nats://me:${encodeURIComponent('123 p@ss/#%')}@127.0.0.1:${port}` });
  await expect(connect({ NATS_URL })).rejects.toThrow(/authorization violation/i);
});

test('with a token in the URL, and with the first of several servers away', async () => {
  const { port } = await guarded('authorization { token: "a-token" }\n');
  await works({ NATS_URL: ` nats://a-token@127.0.0.1:1 , nats://a-token@127.0.0.1:${port}/,` });
});

test('with the seed of an nkey', async () => {
  const { nkeySeed, nkeyPublic, strangerSeed } = await readLogins();
  const { port } = await guarded(`authorization { users: [{ nkey: ${nkeyPublic} }] }\n`);
  const NATS_URL = `nats://127.0.0.1:${port}`;
  await works({ NATS_URL, NATS_NKEY_FILE: await file('seed', `${nkeySeed}\n`) });
  const stranger = await file('stranger', strangerSeed);
  await expect(connect({ NATS_URL, NATS_NKEY_FILE: stranger })).rejects.toThrow(/authorization violation/i);
});

test('with credentials of an account of an operator', async () => {
  const { operator, accountId, account, systemId, system, creds } = await readLogins();
  const { port } = await guarded(
    [
      `operator: ${operator}`,
      `system_account: ${systemId}`,
      'resolver: MEMORY',
      `resolver_preload: { ${accountId}: ${account}, ${systemId}: ${system} }`,
      '',
    ].join('\n'),
  );
  const NATS_URL = `nats://127.0.0.1:${port}`;
  await works({ NATS_URL, NATS_CREDS_FILE: await file('creds', creds) });
  await works({ NATS_URL, NATS_CREDS_FILE: await file('windows', creds.trim().replaceAll('\n', '\r\n')) });
});

test('over TLS that only its own authority vouches for', async () => {
  const { port } = await guarded(tlsConfiguration());
  const NATS_URL = `tls://localhost:${port}`;
  await works({ NATS_URL, NATS_CA_FILE: guardedFile('ca.pem') });
  await works({ NATS_URL: `nats://127.0.0.1:${port}`, NATS_CA_FILE: guardedFile('ca.pem') });
  await expect(connect({ NATS_URL })).rejects.toThrow(/self.signed certificate|unable to (get|verify)/i);
  const other = { NATS_URL, NATS_CA_FILE: guardedFile('other-ca.pem') };
  await expect(connect(other)).rejects.toThrow(/certificate/i);
});

test('over TLS to a server that has an address and no name', async () => {
  const { port } = await guarded(tlsConfiguration('', 'server-ip'));
  const trust = { NATS_CA_FILE: guardedFile('ca.pem') };
  await works({ NATS_URL: `nats://127.0.0.1:${port}`, ...trust });
  await expect(connect({ NATS_URL: `nats://localhost:${port}`, ...trust })).rejects.toThrow(/altnames/);
});

test('over TLS with a certificate of our own, which the server wants, beside a password', async () => {
  const { port } = await guarded(`${tlsConfiguration(', verify: true')}${USERS}`);
  const login = { NATS_USER: 'me', NATS_PASSWORD_FILE: await file('password', '123 p@ss/#%') };
  const trust = { NATS_URL: `nats://localhost:${port}`, NATS_CA_FILE: guardedFile('ca.pem') };
  const own = { NATS_CERT_FILE: guardedFile('client.pem'), NATS_KEY_FILE: guardedFile('client.key') };
  await works({ ...trust, ...own, ...login });
  await expect(connect({ ...trust, ...login })).rejects.toThrow();
});

test('a server that does not offer TLS gets no login where TLS is asked for', async () => {
  const { port } = await guarded(USERS);
  await expect(connect({ NATS_URL: `tls://me:x@127.0.0.1:${port}` })).rejects.toThrow(/tls/i);
});

test('a password that is changed while connected is read again, and none is missed while it is replaced', async () => {
  const server = await guarded('authorization { user: me, password: old }\n');
  const NATS_PASSWORD_FILE = await file('password', 'old');
  const broker = await works({
    NATS_URL: `nats://127.0.0.1:${server.port}`,
    NATS_USER: 'me',
    NATS_PASSWORD_FILE,
  });
  await rm(NATS_PASSWORD_FILE);
  await server.restart('authorization { user: me, password: old }\n');
  await eventually(() => broker.isConnected());
  await writeFile(NATS_PASSWORD_FILE, 'new');
  await server.restart('authorization { user: me, password: new }\n');
  await eventually(() => broker.isConnected());
  await broker.manager.getAccountInfo();
  expect(broker.connection.isClosed()).toBe(false);
});

test('says which secrets every user of the machine may read', async () => {
  const path = await file('password', 'x');
  const settings = readConfig(natsSettings, { NATS_USER: 'me', NATS_PASSWORD_FILE: path });
  expect(natsAccess(settings).warnings).toEqual([]);
  await chmod(path, 0o644);
  expect(natsAccess(settings).warnings).toEqual([
    `NATS_PASSWORD_FILE: the file ${path} may be read by every user of this machine`,
  ]);
});
