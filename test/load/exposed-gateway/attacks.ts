import { type RawOutcome, sendRaw } from './raw-request.ts';

/** Loopback only: what is sent here is meant to hurt. */
export type Target = { readonly port: number };

const PATIENCE_MS = 120_000;

/** The head of a `POST` with a body of so many bytes. */
export const postHead = (path: string, type: string, length: number, ...more: string[]): string[] => [
  `POST ${path} HTTP/1.1`,
  'Host: localhost',
  `Content-Type: ${type}`,
  `Content-Length: ${length}`,
  ...more,
];

const phoneOf = (index: number): string => `79${String(index).padStart(9, '0')}`;

/** A file of about so many bytes; no two numbers share a phone. */
export function csvOf(bytes: number, number: number): Buffer {
  const lines = ['phone,timezone,tag'];
  const rows = Math.ceil(bytes / 30);
  for (let row = 0; row < rows; row++) lines.push(`${phoneOf(number * rows + row)},Europe/Moscow,vip`);
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** So many imports at the same moment. */
export function importAtOnce(target: Target, imports: number, bytes: number): Promise<RawOutcome[]> {
  return Promise.all(
    Array.from({ length: imports }, (_, number) => {
      const body = csvOf(bytes, number);
      const head = postHead('/api/v1/clients/import', 'text/csv', body.length);
      return sendRaw({ ...target, head, body, patienceMs: PATIENCE_MS });
    }),
  );
}

/** One import of nothing but bad lines, behind a header row that fits or as it is. */
export function importBadLines(target: Target, bytes: number, header: string): Promise<RawOutcome> {
  const body = Buffer.from(header + ',\n'.repeat(bytes / 2));
  const head = postHead('/api/v1/clients/import', 'text/csv', body.length);
  return sendRaw({ ...target, head, body, patienceMs: PATIENCE_MS });
}

/** So many connections with a JSON body of so many bytes each, at the same moment. */
export function postLargeBodies(target: Target, connections: number, bytes: number): Promise<RawOutcome[]> {
  const text = 'x'.repeat(bytes - 100);
  const body = Buffer.from(JSON.stringify({ phone: '79161234567', timezone: 'UTC', tag: text }));
  const head = postHead('/api/v1/clients', 'application/json', body.length);
  return Promise.all(
    Array.from({ length: connections }, () => sendRaw({ ...target, head, body, patienceMs: PATIENCE_MS })),
  );
}

/** An import that brings a byte every so many milliseconds. */
export function importSlowly(target: Target, everyMs: number, patienceMs: number): Promise<RawOutcome> {
  const body = Buffer.from('phone,timezone\n79161234567,UTC\n'.repeat(100));
  const head = postHead('/api/v1/clients/import', 'text/csv', body.length);
  return sendRaw({ ...target, head, body, everyMs, patienceMs });
}

/** Requests that a page of somebody else, or a client that plays tricks, can send, and what each must be answered. */
type OddRequest = readonly [title: string, status: number, head: readonly string[], body?: string];

export const ODD_REQUESTS: readonly OddRequest[] = [
  [
    'a page of another origin pauses a mailing',
    403,
    [
      'POST /api/v1/mailings/0191b4a4-0000-7000-8000-000000000000/pause HTTP/1.1',
      'Host: localhost',
      'Origin: https://evil.example',
      'Content-Type: text/plain',
      'Content-Length: 0',
    ],
  ],
  ['a name that leads here by DNS rebinding', 403, ['GET /api/v1/clients HTTP/1.1', 'Host: evil.example']],
  [
    'a request across sites',
    403,
    ['GET /api/v1/clients HTTP/1.1', 'Host: localhost', 'Sec-Fetch-Site: cross-site'],
  ],
  [
    'a request through a proxy',
    403,
    ['GET /api/v1/clients HTTP/1.1', 'Host: localhost', 'X-Forwarded-For: 203.0.113.7'],
  ],
  ['two Host headers', 400, ['GET /api/v1/clients HTTP/1.1', 'Host: localhost', 'Host: localhost']],
  ['no Host header', 400, ['GET /api/v1/clients HTTP/1.1', 'Accept: */*']],
  [
    'Transfer-Encoding: gzip, chunked',
    501,
    [
      'POST /api/v1/clients HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Transfer-Encoding: gzip, chunked',
    ],
    '2\r\n{}\r\n0\r\n\r\n',
  ],
  [
    'two lengths',
    400,
    [
      'POST /api/v1/clients HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Length: 2',
      'Content-Length: 3',
    ],
    '{}',
  ],
  [
    'a length and chunks',
    400,
    [
      'POST /api/v1/clients HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Length: 2',
      'Transfer-Encoding: chunked',
    ],
    '2\r\n{}\r\n0\r\n\r\n',
  ],
  ['a header over two lines', 400, ['GET /healthz HTTP/1.1', 'Host: localhost', 'X-A: b', ' c']],
  ['an unknown expectation', 417, ['GET /healthz HTTP/1.1', 'Host: localhost', 'Expect: tea']],
  ['headers of 20 kB', 431, ['GET /healthz HTTP/1.1', 'Host: localhost', `X-A: ${'x'.repeat(20_000)}`]],
  ['CONNECT', 405, ['CONNECT example.com:443 HTTP/1.1', 'Host: example.com:443']],
  [
    'Upgrade: websocket',
    200,
    ['GET /healthz HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'],
  ],
  ['HTTP/1.0 without a Host', 200, ['GET /healthz HTTP/1.0']],
  [
    'a compressed body',
    415,
    [
      'POST /api/v1/clients HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Encoding: gzip',
      'Content-Length: 2',
    ],
    '{}',
  ],
];

/** Sends one of {@link ODD_REQUESTS}. */
export function sendOdd(target: Target, head: readonly string[], body?: string): Promise<RawOutcome> {
  return sendRaw({
    ...target,
    head,
    body: body === undefined ? undefined : Buffer.from(body),
    patienceMs: 10_000,
  });
}
