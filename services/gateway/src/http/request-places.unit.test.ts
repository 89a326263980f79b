import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RequestPlaces } from './request-places.ts';

type Exchange = [IncomingMessage, ServerResponse];
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

let server: ReturnType<typeof createServer>;
let client: Socket;
let exchanges: Exchange[];
beforeEach(async () => {
  exchanges = [];
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
});
afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

/** Sends requests behind one another over one connection; resolves when all have come. */
async function send(count: number): Promise<Exchange[]> {
  const come = new Promise<void>((resolve) => {
    server.on('request', (incoming, outgoing) => {
      exchanges.push([incoming, outgoing]);
      if (exchanges.length === count) resolve();
    });
  });
  client.write(REQUEST.repeat(count));
  await come;
  return exchanges;
}

async function breakOff([incoming]: Exchange): Promise<void> {
  const closed = once(incoming.socket, 'close');
  client.destroy();
  await closed;
}

test('a place is held until its request is handled, although the client is gone', async () => {
  const [exchange] = (await send(1)) as [Exchange];
  const places = new RequestPlaces(1);
  const place = places.take(...exchange);
  await breakOff(exchange);
  expect(places.take(...exchange)).toBeUndefined();
  place?.handled();
  expect(places.take(...exchange)).toBeDefined();
});

test('a place is held until its answer is out, although its request is handled', async () => {
  const [exchange] = (await send(1)) as [Exchange];
  const places = new RequestPlaces(1);
  places.take(...exchange)?.handled();
  expect(places.take(...exchange)).toBeUndefined();
  const closed = once(exchange[1], 'close');
  exchange[1].end();
  await closed;
  expect(places.take(...exchange)).toBeDefined();
});

test('a connection that breaks gives back the places of all requests on it, though nobody tells their answers', async () => {
  const all = await send(20);
  const places = new RequestPlaces(20);
  for (const [incoming, outgoing] of all) {
    places.take(incoming, outgoing)?.handled();
    // As on versions of Node that forget answers which wait behind another one.
    outgoing.removeAllListeners('close');
  }
  await breakOff(all[0] as Exchange);
  for (const exchange of all) expect(places.take(...exchange)).toBeDefined();
});
