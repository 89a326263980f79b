import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { Answer } from './answer.ts';
import { TIMED_OUT } from './call.ts';
import { CallAbort } from './call-abort.ts';
import { classify } from './classify.ts';
import { ProviderClient } from './client.ts';

/** What one call may take here. */
const TIMEOUT_MS = 400;
/** What a busy machine adds. */
const SLACK_MS = 400;

let server: Server | undefined;
let client: ProviderClient | undefined;

afterEach(async () => {
  await client?.close();
  server?.close();
});

/** Calls a server that does this with each connection, once its request is there. */
async function callServer(behave: (socket: Socket) => void): Promise<{ answer: Answer; tookMs: number }> {
  server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => behave(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new ProviderClient({
    url: `http://127.0.0.1:${port}`,
    token: 'a-token',
    timeoutMs: TIMEOUT_MS,
    connections: 1,
  });
  return callAgain(client);
}

async function callAgain(through: ProviderClient): Promise<{ answer: Answer; tookMs: number }> {
  const began = performance.now();
  const request = { messageId: 17, phone: '79161234567', textJson: '"Hello"' };
  const endBy = began + TIMEOUT_MS;
  const limits = { beginBy: Number.POSITIVE_INFINITY, endBy, endReason: TIMED_OUT, abort: new CallAbort() };
  const answer = classify(await through.send(request, limits), Date.now(), 60_000);
  return { answer, tookMs: performance.now() - began };
}

/** Writes for ever, no faster than it is read. */
function pour(socket: Socket, block: Buffer): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(block)) {
      // As long as it is taken.
    }
  };
  socket.on('drain', write);
  write();
}

function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  socket.on('close', () => clearInterval(timer));
}

test.each([
  ['', '/v1/send/17'],
  ['/', '/v1/send/17'],
  ['/gw?key=abc', '/gw/v1/send/17?key=abc'],
  ['/gw//?key=a%20b&other=ü', '/gw/v1/send/17?key=a%20b&other=%C3%BC'],
  ['?', '/v1/send/17'],
])('path and query of the URL "…%s" are in the call', async (rest, target) => {
  let head = '';
  server = createServer((socket) => {
    socket.on('data', (bytes) => {
      head += bytes.toString();
      if (head.includes('"Hello"')) socket.end(withBody('200 OK', OK));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${rest}`;
  client = new ProviderClient({ url, token: 'a-token', timeoutMs: TIMEOUT_MS, connections: 1 });
  await callAgain(client);
  expect(head.split('\r\n')[0]).toBe(`POST ${target} HTTP/1.1`);
});

const OK = '{"code":0,"message":"OK"}';
const withBody = (head: string, body: string): string =>
  `HTTP/1.1 ${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const say = (text: string) => (socket: Socket) => socket.write(text);
const sayAndEnd = (text: string) => (socket: Socket) => socket.end(text);

const packed =
  (coding: string, body: Buffer, status = '200 OK') =>
  (socket: Socket) => {
    socket.write(
      `HTTP/1.1 ${status}\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
  };

const answers: ReadonlyArray<readonly [string, (socket: Socket) => void, string]> = [
  ['200 as it should be', say(withBody('200 OK', OK)), 'sent'],
  ['201 with a body', say(withBody('201 Created', OK)), 'sent'],
  [
    '200 in chunks',
    say(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n19\r\n${OK}\r\n0\r\n\r\n`),
    'sent',
  ],
  ['200 until the connection ends', sayAndEnd(`HTTP/1.1 200 OK\r\n\r\n${OK}`), 'sent'],
  ['an early hint, then 200', say(`HTTP/1.1 103 Early Hints\r\n\r\n${withBody('200 OK', OK)}`), 'sent'],
  ['201 without a body', say(withBody('201 Created', '')), 'lost'],
  ['204', say('HTTP/1.1 204 No Content\r\n\r\n'), 'lost'],
  ['200 packed with gzip', packed('gzip', gzipSync(OK)), 'sent'],
  ['200 packed with deflate', packed('deflate', deflateSync(OK)), 'sent'],
  ['200 packed with br', packed('br', brotliCompressSync(OK)), 'sent'],
  ['200 packed twice', packed('gzip, br', brotliCompressSync(gzipSync(OK))), 'sent'],
  ['200 packed in an unknown way', packed('zstd', Buffer.from(OK)), 'lost'],
  ['200 that is not packed as it says', packed('gzip', Buffer.from(OK)), 'lost'],
  ['200 that unpacks to more than an answer', packed('gzip', gzipSync(Buffer.alloc(10_000_000))), 'lost'],
  ['200 with a refusal', say(withBody('200 OK', '{"code":5,"message":"no"}')), 'declined'],
  ['200 with a packed refusal', packed('br', brotliCompressSync('{"code":5,"message":"no"}')), 'declined'],
  ['404 packed in an unknown way', packed('zstd', Buffer.from(OK), '404 Not Found'), 'failed'],
  ['302 to elsewhere', say(withBody('302 Found\r\nlocation: http://127.0.0.1:1/', '')), 'refused'],
  ['307 to itself', say(withBody('307 Temporary Redirect\r\nlocation: /v1/send/17', '')), 'refused'],
  ['304', say('HTTP/1.1 304 Not Modified\r\n\r\n'), 'refused'],
  ['408', sayAndEnd(withBody('408 Request Timeout', '')), 'refused'],
  ['425', say(withBody('425 Too Early', '')), 'refused'],
  [
    '503 whose body breaks off',
    sayAndEnd('HTTP/1.1 503 Unavailable\r\ncontent-length: 9\r\n\r\nno'),
    'refused',
  ],
  [
    '404 whose body is endless',
    (socket) => {
      socket.write('HTTP/1.1 404 Not Found\r\n\r\n');
      pour(socket, Buffer.alloc(65_536, 'A'));
    },
    'failed',
  ],
  ['another protocol', say('SSH-2.0-OpenSSH_9.2\r\n'), 'lost'],
  [
    'a change of protocol',
    say('HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n'),
    'lost',
  ],
  ['a 100 that nobody asked for', say('HTTP/1.1 100 Continue\r\n\r\n'), 'lost'],
  ['nothing, and ends', sayAndEnd(''), 'lost'],
  ['half a head', sayAndEnd('HTTP/1.1 200 O'), 'lost'],
  ['a chunk that is none', say('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'), 'lost'],
  ['two lengths', say(`HTTP/1.1 200 OK\r\ncontent-length: 25\r\ncontent-length: 3\r\n\r\n${OK}`), 'lost'],
  ['fewer bytes than said', sayAndEnd(`HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n${OK}`), 'lost'],
];

test.for(answers)('%s is understood at once', async ([, behave, kind]) => {
  const { answer, tookMs } = await callServer(behave);
  expect(answer.kind).toBe(kind);
  expect(tookMs).toBeLessThan(TIMEOUT_MS);
});

const slow: ReadonlyArray<readonly [string, (socket: Socket) => void, string]> = [
  ['nothing', () => {}, 'lost'],
  [
    'a head that drips',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      drip(socket, 'x-more: a\r\n');
    },
    'lost',
  ],
  ['hints without an end', (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'), 'lost'],
  [
    'a body that drips',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n');
      drip(socket, ' ');
    },
    'lost',
  ],
  [
    'a refusal that drips',
    (socket) => {
      socket.write('HTTP/1.1 503 Unavailable\r\ncontent-length: 9000\r\n\r\n');
      drip(socket, ' ');
    },
    'refused',
  ],
];

test.for(slow)('%s is given up in time', async ([, behave, kind]) => {
  const { answer, tookMs } = await callServer(behave);
  expect(answer.kind).toBe(kind);
  expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
});

/** How long it may be read: to the limit of an answer or a head, or, where nothing is kept of it, to the end. */
const endless: ReadonlyArray<readonly [string, string, number]> = [
  ['body', `HTTP/1.1 200 OK\r\n\r\n{"code":0,"message":"`, TIMEOUT_MS * 0.9],
  ['chunk', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n`, TIMEOUT_MS * 0.9],
  ['header', 'HTTP/1.1 200 OK\r\nx-more: ', TIMEOUT_MS * 0.9],
  ['status line', 'HTTP/1.1 200 ', TIMEOUT_MS + SLACK_MS],
  ['chunk extension', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;', TIMEOUT_MS + SLACK_MS],
];

test.for(endless)('an endless %s is given up in time, and takes no memory', async ([, head, withinMs]) => {
  const before = process.memoryUsage().rss;
  const { answer, tookMs } = await callServer((socket) => {
    socket.write(head);
    pour(socket, Buffer.alloc(65_536, 'A'));
  });
  expect(answer.kind).toBe('lost');
  expect(tookMs).toBeLessThan(withinMs);
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
});

test('what a provider says beyond its answer is not taken for the next one', async () => {
  let calls = 0;
  const { answer } = await callServer((socket) => {
    calls += 1;
    socket.write(withBody('200 OK', OK) + withBody('200 OK', OK));
    socket.on('data', () => {
      calls += 1;
    });
  });
  expect(answer.kind).toBe('sent');
  if (client === undefined) throw new Error('no client');
  const second = await callAgain(client);
  // Either it never used that connection again, or it does not know: it must not say "sent" without a call.
  expect(second.answer.kind === 'sent' ? calls : 2).toBe(2);
});

test('asks for an answer that is not packed', async () => {
  let head = '';
  server = createServer((socket) => {
    socket.once('data', (data) => {
      head = data.toString();
      socket.write(withBody('200 OK', OK));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new ProviderClient({
    url: `http://127.0.0.1:${port}`,
    token: 't',
    timeoutMs: TIMEOUT_MS,
    connections: 1,
  });
  expect((await callAgain(client)).answer.kind).toBe('sent');
  expect(head.toLowerCase()).toContain('\r\naccept-encoding: identity\r\n');
});

test('a call whose moment passes while it connects is not made any more', async () => {
  let bytes = 0;
  server = createServer((socket) => socket.on('data', (data) => (bytes += data.length))).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  client = new ProviderClient({ url, token: 'a-token', timeoutMs: 60_000, connections: 1 });
  const connected = once(server, 'connection');
  const request = { messageId: 17, phone: '79161234567', textJson: '"Hello"' };
  const calling = client.send(request, {
    beginBy: performance.now() + 20,
    endBy: Number.POSITIVE_INFINITY,
    endReason: TIMED_OUT,
    abort: new CallAbort(),
  });
  // The process stands still, as if it was frozen, and the connection is made meanwhile.
  const until = performance.now() + 50;
  while (performance.now() < until);
  expect(await calling).toMatchObject({ kind: 'broken', nothingSent: true, cutShort: true });
  await connected;
  expect(bytes).toBe(0);
});
