import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcomeOf } from '../batch/outcome.ts';
import { initialProgress, type OutcomeBody } from '../batch/progress.ts';
import { tellsOfMessage } from './answer.ts';
import { TIMED_OUT } from './call.ts';
import { CallAbort } from './call-abort.ts';
import { classify } from './classify.ts';
import { ProviderClient } from './client.ts';

/** What the provider answers, and whether its body can be read and holds the protocol's words. */
interface Said {
  readonly status: number;
  readonly coding: string | null;
  readonly bytes: Buffer;
  /** The code, where a client can read the body and it has the protocol's form. */
  readonly code: number | null;
}

let said: Said;
let server: Server;
let client: ProviderClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    const { status, coding, bytes } = said;
    response.writeHead(status, coding === null ? {} : { 'content-encoding': coding });
    response.end(bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new ProviderClient({
    url: `http://127.0.0.1:${port}`,
    token: 'a-token',
    timeoutMs: 30_000,
    connections: 1,
  });
});

afterAll(async () => {
  await client.close();
  server.close();
});

const okay = fc.record({ code: fc.constant(0), message: fc.string() });
const refusal = fc.record({ code: fc.maxSafeInteger().filter((code) => code !== 0), message: fc.string() });
/** Near misses: of the wrong type, without a message, cut, or no JSON at all. */
const nonsense = fc.oneof(
  fc.json(),
  fc.string(),
  fc.record({ code: fc.maxSafeInteger().filter((code) => code !== 0) }).map((body) => JSON.stringify(body)),
  fc.record({ code: fc.string(), message: fc.string() }).map((body) => JSON.stringify(body)),
  fc.record({ code: fc.constant(0.5), message: fc.string() }).map((body) => JSON.stringify(body)),
  refusal.map((body) => JSON.stringify(body).slice(0, -1)),
  okay.map((body) => JSON.stringify(body).slice(0, -1)),
);
const body = fc.oneof(
  okay.map((words) => ({ text: JSON.stringify(words), code: 0 })),
  refusal.map((words) => ({ text: JSON.stringify(words), code: words.code })),
  nonsense
    .filter((text) => !/^\s*\{\s*"code"\s*:\s*-?0\s*[,}]/.test(text))
    .map((text) => ({ text, code: null })),
);
const PACKED: ReadonlyArray<readonly [string | null, (text: string) => Buffer]> = [
  [null, (text) => Buffer.from(text)],
  ['identity', (text) => Buffer.from(text)],
  ['gzip', (text) => gzipSync(text)],
  ['deflate', (text) => deflateSync(text)],
  ['deflate', (text) => deflateRawSync(text)],
  ['br', (text) => brotliCompressSync(text)],
  ['gzip, br', (text) => brotliCompressSync(gzipSync(text))],
];
/** Packed in a way that nobody can undo, or not at all in spite of what is said. */
const UNREADABLE: ReadonlyArray<readonly [string, (text: string) => Buffer]> = [
  ['zstd', (text) => Buffer.from(text)],
  ['gzip', (text) => Buffer.from(text)],
  ['gzip', (text) => gzipSync(text).subarray(0, -4)],
  ['br', (text) => gzipSync(text)],
  ['gzip', (text) => gzipSync(text.padEnd(100_000))],
  ['identity', (text) => Buffer.from(text.padEnd(100_000))],
];
const answer = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(200, 201, 202, 400, 401, 403, 422, 429, 500, 503),
      fc.integer({ min: 200, max: 599 }),
    ),
    body,
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...PACKED).map((way) => ({ way, readable: true })) },
      { weight: 1, arbitrary: fc.constantFrom(...UNREADABLE).map((way) => ({ way, readable: false })) },
    ),
  )
  // Those have no body by HTTP itself.
  .filter(([status]) => status !== 204 && status !== 205 && status !== 304)
  .map(([status, { text, code }, { way, readable }]): Said => {
    const [coding, pack] = way;
    return { status, coding, bytes: pack(text), code: readable ? code : null };
  });

/** What a message comes to by one such answer, where a lost answer is not repeated. */
async function outcomeOfCall(): Promise<OutcomeBody> {
  const request = { messageId: 7, phone: '79161234567', textJson: '"Hello"' };
  const result = await client.send(request, {
    beginBy: Number.POSITIVE_INFINITY,
    endBy: Number.POSITIVE_INFINITY,
    endReason: TIMED_OUT,
    abort: new CallAbort(),
  });
  const classified = classify(result, Date.now(), 1_000);
  if (!tellsOfMessage(classified)) throw new Error('that is for the gate to say');
  const [message] = initialProgress({
    mailingId: 'm',
    batch: 0,
    timezone: 'UTC',
    firstMessageId: 7,
    clientIds: ['c'],
  });
  if (message === undefined) throw new Error('a batch without a message');
  const context = { mailingId: 'm', batch: 0, mailingVersion: 1, idempotent: false, refusalAttempts: 3 };
  return outcomeOf(message, { answer: classified, startedAt: 0, durationMs: 1 }, context);
}

test('a message is sent only if the provider says so, unknown only if its words are lost, else failed or put off', async () => {
  await fc.assert(
    fc.asyncProperty(answer, async (given) => {
      said = given;
      const { status, code } = given;
      const { type, data } = await outcomeOfCall();
      const isAnswered = status >= 200 && status < 300;
      const expected = !isAnswered
        ? /^Message(Failed|Retried)$/
        : code === 0
          ? /^MessageSent$/
          : code === null
            ? /^MessageUnknown$/
            : /^MessageRetried$/;
      expect(type).toMatch(expected);
      if (type === 'MessageRetried') expect(data).toMatchObject({ answer: 'refused' });
      if (type === 'MessageRetried' && isAnswered) expect(data).toMatchObject({ refusal: 'message' });
      if ('error' in data) expect(data.error).not.toMatch(/\d{5}|\p{Cc}/u);
    }),
    { numRuns: 400 },
  );
}, 60_000);
