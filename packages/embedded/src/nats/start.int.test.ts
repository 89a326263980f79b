import { createServer } from 'node:net';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { findFreePort } from '../free-port.ts';
import { readCommandLine } from '../process-table.ts';
import type { RunningServer } from '../running-server.ts';
import { makeTemporaryDirectory, type TemporaryDirectory, TOOLS_DIRECTORY } from '../testing.ts';
import { locateNatsServer } from './locate.ts';
import { probeNats } from './probe.ts';
import { startNatsServer } from './start.ts';

let binary: string;
let directory: TemporaryDirectory;
const started: RunningServer[] = [];

beforeAll(async () => {
  binary = await locateNatsServer({ toolsDirectory: TOOLS_DIRECTORY, say: () => {} });
}, 300_000);
beforeEach(async () => {
  directory = await makeTemporaryDirectory();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await directory.remove();
});

async function start(options: Partial<Parameters<typeof startNatsServer>[0]> = {}): Promise<RunningServer> {
  const server = await startNatsServer({ binary, dataDirectory: directory.path, ...options });
  started.push(server);
  return server;
}

test('runs under a telling command line and ends in good order when stopped, as often as it is asked', async () => {
  const server = await start();
  expect(await readCommandLine(server.pid)).toEqual([
    binary,
    '--config',
    `${directory.path}/nats-server.conf`,
  ]);

  await Promise.all([server.stop(), server.stop()]);

  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(await readCommandLine(server.pid)).toBeUndefined();
});

test('a server which an earlier run has left on the same data is ended first', async () => {
  const port = await findFreePort();
  const left = await start({ port });
  const said: string[] = [];

  const server = await start({ port, say: (line) => said.push(line) });

  expect(await left.exited).toEqual({ code: 0, signal: null });
  expect(said).toEqual([
    `ending the server (process ${left.pid}) which an earlier run has left on this data`,
  ]);
  expect(server.port).toBe(port);
});

test('a port that is taken is told with the words of the server', async () => {
  const port = await findFreePort();
  const stranger = createServer().listen(port, '127.0.0.1');
  try {
    await expect(start({ port })).rejects.toThrow(
      /nats-server ended while starting.*address already in use/s,
    );
  } finally {
    stranger.close();
  }
});

test('a start that is given up leaves no process behind', async () => {
  const port = await findFreePort();
  const signal = AbortSignal.abort();
  await expect(start({ port, signal })).rejects.toThrow('nats-server was stopped while starting');
  expect(await probeNats(port, 'any')).toBe(false);
});

test('the answer of another server on the port is not taken for ours', async () => {
  const server = await start();
  expect(await probeNats(server.port, 'somebody-else')).toBe(false);
});
