import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readCommandLine } from '../process-table.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../testing.ts';
import { type PostgresServer, startPostgres } from './start.ts';

let directory: TemporaryDirectory;
const started: PostgresServer[] = [];

beforeEach(async () => {
  directory = await makeTemporaryDirectory();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await directory.remove();
});

async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<PostgresServer> {
  const server = await startPostgres({ dataDirectory: directory.path, ...options });
  started.push(server);
  return server;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

test('makes a UTF-8 database in a folder which only we may enter, and keeps the password to us', async () => {
  const server = await start();
  const command = await readCommandLine(server.pid);
  expect(command?.slice(-2)).toEqual(['-D', join(directory.path, 'cluster')]);
  expect(await query(server.url, "SELECT current_database(), current_setting('server_encoding')")).toEqual([
    ['herald', 'UTF8'],
  ]);
  expect((await stat(join(directory.path, 'password'))).mode & 0o777).toBe(0o600);
  const url = new URL(server.url);
  url.password = 'wrong';
  await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  await server.stop();
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test('comes back after a crash with what was committed, on the same port', async () => {
  const server = await start();
  await query(server.url, 'CREATE TABLE kept AS SELECT 1 AS answer');
  await server.kill();
  expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const again = await start({ port: server.port });

  expect(again.url).toBe(server.url);
  expect(await query(again.url, 'SELECT answer FROM kept')).toEqual([[1]]);
});

test('a server which an earlier run has left on the same data is ended first', async () => {
  const left = await start({ durable: false });
  const again = await start({ durable: false, port: left.port });
  expect(await left.exited).toEqual({ code: 0, signal: null });
  expect(await query(again.url, 'SELECT 1')).toEqual([[1]]);
});

test('a port that is taken is told with the words of the server', async () => {
  const other = await makeTemporaryDirectory();
  try {
    const { port } = await start({ durable: false });
    const starting = start({ dataDirectory: other.path, durable: false, port });
    await expect(starting).rejects.toThrow(/PostgreSQL ended while starting.*could not bind/s);
  } finally {
    await other.remove();
  }
});

test('services work as a role that owns their database and is nobody elsewhere', async () => {
  const { url } = await start({ durable: false });
  const attributes = 'rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls';
  expect(await query(url, `SELECT ${attributes} FROM pg_roles WHERE rolname = current_user`)).toEqual([
    [false, false, false, false, false],
  ]);
  await query(url, 'CREATE SCHEMA theirs; CREATE TABLE theirs.one (id bigserial)');
  await expect(query(url, 'CREATE DATABASE other')).rejects.toThrow(/permission denied/);
  await expect(query(url, "COPY (SELECT 1) TO PROGRAM 'true'")).rejects.toThrow(/permission denied/);
  expect((await stat(join(directory.path, 'service-password'))).mode & 0o777).toBe(0o600);
});

test('what the superuser made in a cluster of an earlier release belongs to the services from then on', async () => {
  const before = await start({ durable: false });
  await query(
    before.adminUrl,
    `CREATE SCHEMA mailing; CREATE TABLE mailing.client (id bigserial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY);
     CREATE SEQUENCE mailing.alone; CREATE VIEW mailing.shown AS SELECT id FROM mailing.client;
     CREATE TYPE mailing.kind AS ENUM ('one'); CREATE TABLE mailing.cut (id int) PARTITION BY RANGE (id);
     CREATE TABLE mailing.first PARTITION OF mailing.cut DEFAULT;
     CREATE FUNCTION mailing.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE public.old (id int);
     INSERT INTO mailing.client DEFAULT VALUES`,
  );
  await before.stop();

  const { url } = await start({ durable: false, port: before.port });

  expect(url).toBe(before.url);
  await query(url, "ALTER TYPE mailing.kind ADD VALUE 'two'");
  await query(
    url,
    'INSERT INTO mailing.client DEFAULT VALUES; ALTER TABLE mailing.client ADD COLUMN more int',
  );
  expect(await query(url, 'SELECT * FROM mailing.shown')).toEqual([['1'], ['2']]);
  await query(url, 'DROP SCHEMA mailing CASCADE; DROP TABLE public.old');
});

/** Each alone would keep a client that takes it from this server, or spoil its answers. */
const OF_ANOTHER_SERVER = {
  PGHOST: 'db.invalid',
  PGHOSTADDR: '192.0.2.1',
  PGPORT: '1',
  PGUSER: 'stranger',
  PGPASSWORD: 'wrong',
  PGPASSFILE: '/nowhere',
  PGDATABASE: 'other',
  PGSSLMODE: 'require',
  PGSSLROOTCERT: '/nowhere/ca.pem',
  PGSSLCERT: '/nowhere/client.pem',
  PGSSLKEY: '/nowhere/client.key',
  PGSSLNEGOTIATION: 'direct',
  PGOPTIONS: '-c no_such_setting=1',
  PGSERVICE: 'other',
  PGSERVICEFILE: '/nowhere',
  PGCLIENTENCODING: 'SQL_ASCII',
  PGCLIENT_ENCODING: 'SQL_ASCII',
  PGREPLICATION: 'database',
  PGBINARY: '1',
  PGAPPNAME: 'psql',
  PGCONNECT_TIMEOUT: '1',
  PGTZ: 'Mars/Olympus',
  PGDATESTYLE: 'nonsense',
  PGTARGETSESSIONATTRS: 'read-only',
  PGDATA: '/nowhere',
  PGGSSENCMODE: 'require',
  PGREQUIREAUTH: 'none',
  PGCHANNELBINDING: 'require',
};

test('nothing of it listens to what a shell says of another server', async () => {
  for (const [name, value] of Object.entries(OF_ANOTHER_SERVER)) vi.stubEnv(name, value);
  const server = await start({ durable: false });
  expect(process.env.PGSSLMODE).toBe('require');
  await server.stop();
  const again = await start({ durable: false, port: server.port });
  vi.unstubAllEnvs();
  expect(await query(again.url, 'SELECT current_user, current_database()')).toEqual([
    ['herald_services', 'herald'],
  ]);
});
