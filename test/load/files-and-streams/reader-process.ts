/**
 * A process of its own that opens streams and counts what comes: so many, spread over the given mailings, a few at a time.
 * One that is refused or closed is opened again, as a browser's would be. Prints `open` when each has had its first event, and
 * what it has counted since then at the end of its standard input.
 *
 * node reader-process.ts PORT COUNT MAILING…
 */
import { connect } from 'node:net';

const [port = '', count = '', ...mailings] = process.argv.slice(2);
/** Readers do not come all at the same moment. */
const EVERY_MS = 4;
const AGAIN_MS = 1_000;

let waiting = Number(count);
let events = 0;
let bytes = 0;
let closed = 0;

function open(mailing: string | undefined, isFirst: boolean): void {
  let has = !isFirst;
  const socket = connect(Number(port), '127.0.0.1', () => {
    socket.write(`GET /api/v1/mailings/${mailing}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  });
  socket.on('data', (data) => {
    bytes += data.length;
    for (let at = data.indexOf('event: stats'); at !== -1; at = data.indexOf('event: stats', at + 1)) {
      events += 1;
      if (has) continue;
      has = true;
      waiting -= 1;
      if (waiting > 0) continue;
      [events, bytes, closed] = [0, 0, 0];
      process.stdout.write('open\n');
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed += 1;
    setTimeout(() => open(mailing, !has), AGAIN_MS);
  });
}

for (let index = 0; index < Number(count); index += 1) {
  open(mailings[index % mailings.length], true);
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}

process.stdin.resume().on('end', () => {
  process.stdout.write(`${JSON.stringify({ events, bytes, closed })}\n`, () => process.exit());
});
