import { expect, test } from 'vitest';
import { sayRaw } from '../../test/say-raw.ts';
import { useGateway } from '../../test/use-gateway.ts';

const harness = useGateway();

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
  [
    'two Host headers',
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    400,
    'request-malformed',
  ],
  [
    'a transfer coding that is not known',
    'POST /api/v1/clients HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    501,
    'transfer-coding-unsupported',
  ],
  [
    'two lengths of one body',
    'POST /api/v1/clients HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    400,
    'request-malformed',
  ],
  [
    'a length beside chunks',
    'POST /api/v1/clients HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    400,
    'request-malformed',
  ],
  [
    'a header over two lines',
    'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n',
    400,
    'request-malformed',
  ],
  [
    'an expectation that is not known',
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\nConnection: close\r\n\r\n',
    417,
    'expectation-unsupported',
  ],
  [
    'a tunnel',
    'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n',
    405,
    'method-not-allowed',
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

test('an offer to speak another protocol is not taken up', async () => {
  const upgrade =
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n';
  expect(await sayRaw(harness.port, upgrade)).toMatch(/^HTTP\/1.1 200 /);
});

test('whoever asks whether to send its body is told to, or told why not', async () => {
  const head = 'POST /api/v1/clients HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n';
  const ask = 'Expect: 100-continue\r\nConnection: close\r\n\r\n{}';
  expect(await sayRaw(harness.port, `${head}Host: localhost\r\n${ask}`)).toMatch(
    /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 422 /,
  );
  expect(await sayRaw(harness.port, `${head}Host: localhost\r\nHost: a\r\n${ask}`)).toMatch(
    /^HTTP\/1.1 400 /,
  );
  for (const refused of ['Origin: https://evil.example', 'Content-Encoding: gzip']) {
    const answer = await sayRaw(harness.port, `${head}Host: localhost\r\n${refused}\r\n${ask}`);
    expect(answer, refused).not.toContain('100 Continue');
    expect(answer, refused).toMatch(/^HTTP\/1.1 4\d\d /);
  }
});

test('a bad message behind a good one is answered behind it', async () => {
  const good = 'GET /api/v1/clients?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const answer = await sayRaw(harness.port, `${good}${good}no HTTP\r\n\r\n`);
  expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 503', 'HTTP/1.1 400']);
});
