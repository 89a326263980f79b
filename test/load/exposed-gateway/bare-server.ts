/**
 * The least that Node can do about the same attack, as a reference: every request is answered 503 and its body thrown
 * away, `/healthz` is answered 200. Prints its port, and ends with its standard input.
 *
 * node bare-server.ts
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const body = JSON.stringify({ code: 'overloaded' });
const server = createServer((incoming, outgoing) => {
  if (incoming.url === '/healthz') {
    outgoing.end('ok');
    return;
  }
  outgoing.writeHead(503, {
    'Content-Type': 'application/problem+json',
    'Content-Length': body.length,
    'Retry-After': '2',
    Connection: 'close',
  });
  outgoing.end(body);
  incoming.resume();
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 3_500 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().on('end', () => process.exit());
