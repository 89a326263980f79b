/**
 * A process of its own that opens streams and counts what comes: so many, spread over the given mailings.
 * Prints `open` when each has had its first event, and what it has counted at the end of its standard input.
 *
 * node reader-process.ts PORT COUNT MAILING…
 */
import { connect } from 'node:net';

const [port = '', count = '', ...mailings] = process.argv.slice(2);
let events = 0;
let bytes = 0;
let first = 0;
let closed = 0;

for (let index = 0; index < Number(count); index += 1) {
  const mailing = mailings[index % mailings.length];
  const socket = connect(Number(port), '127.0.0.1', () => {
    socket.write(`GET /api/v1/mailings/${mailing}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  });
  let has = false;
  socket.on('data', (data) => {
    bytes += data.length;
    for (let at = data.indexOf('event: stats'); at !== -1; at = data.indexOf('event: stats', at + 1)) {
      events += 1;
      if (has) continue;
      has = true;
      first += 1;
      if (first === Number(count)) process.stdout.write('open\n');
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed += 1;
  });
}

process.stdin.resume().on('end', () => {
  process.stdout.write(`${JSON.stringify({ first, events, bytes, closed })}\n`, () => process.exit());
});
