import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPiece } from './body-reader.ts';

const BOUND_MS = 30;

let server: ReturnType<typeof createServer>;
let client: Socket;
let incoming: IncomingMessage;
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n');
  [incoming] = await once(server, 'request');
});
afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

/** Nothing else of this process runs meanwhile. */
function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('bytes that came while the process stood still are not late', async () => {
  const reading = readPiece(incoming, BOUND_MS);
  client.write('1');
  standStill(3 * BOUND_MS);
  expect(await reading).toMatchObject({ kind: 'bytes' });
});

test('bytes that lie there when the time is over already are taken', async () => {
  client.write('1');
  standStill(BOUND_MS);
  expect(await readPiece(incoming, -1)).toMatchObject({ kind: 'bytes' });
});

test('a body that does not come is late', async () => {
  expect(await readPiece(incoming, BOUND_MS)).toEqual({ kind: 'late' });
});
