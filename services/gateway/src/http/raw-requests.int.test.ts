import { startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, startHarness } from '../testing/harness.ts';
import { sayRaw } from '../testing/say-raw.ts';

let nats: TestNats;
let harness: Harness;
beforeAll(async () => {
  nats = await startTestNats();
  harness = await startHarness(nats.url);
});
afterAll(async () => {
  await harness.stop();
  await nats.stop();
});

test.each([
  ['no HTTP', 'hello\r\n\r\n', 400, 'request-malformed'],
  [
    'headers over the limit',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers-too-large',
  ],
  ['no host', 'GET /api/v1/clients HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'url-malformed'],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400, 'url-malformed'],
  [
    'a body that is not chunked as it says',
    'POST /api/v1/clients HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    400,
    'request-malformed',
  ],
])('%s is answered as a problem', async (_title, text, status, code) => {
  const answer = await sayRaw(harness.port, text);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
  expect(answer.toLowerCase()).toContain('x-correlation-id: ');
  expect(answer).toContain(`"code":"${code}"`);
});

test('a health check of HTTP/1.0, which names no host, is answered', async () => {
  expect(await sayRaw(harness.port, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
});
