import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { OK, TIMEOUT_MS, useScriptedProvider, withBody } from '../../test/provider/scripted-provider.ts';

/** What a busy machine adds. */
const SLACK_MS = 400;

const provider = useScriptedProvider();

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
  const { answer, tookMs } = await provider.callWith(behave);
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
  const { answer, tookMs } = await provider.callWith(behave);
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
  const { answer, tookMs } = await provider.callWith((socket) => {
    socket.write(head);
    pour(socket, Buffer.alloc(65_536, 'A'));
  });
  expect(answer.kind).toBe('lost');
  expect(tookMs).toBeLessThan(withinMs);
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
});
