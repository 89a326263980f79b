import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCommandLine } from '../process-table.ts';
import type { RunningServer } from '../running-server.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../testing.ts';
import { startPostgres } from './start.ts';

let directory: TemporaryDirectory;
const started: RunningServer[] = [];

beforeEach(async () => {
  directory = await makeTemporaryDirectory();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await directory.remove();
});

async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<RunningServer> {
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
