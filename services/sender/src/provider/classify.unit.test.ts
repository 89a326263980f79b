import { expect, test } from 'vitest';
import type { CallResult } from './answer.ts';
import { classify } from './classify.ts';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 0, 1);

const answered = (statusCode: number, body = '', retryAfter: string | null = null): CallResult => ({
  kind: 'answered',
  statusCode,
  body,
  retryAfter,
});

const kindOf = (result: CallResult): string => classify(result, NOW).kind;

test.for([
  [200, '{"code":0,"message":"OK"}', 'sent'],
  [201, '{"code":0}', 'sent'],
  [200, '{"code":17,"message":"queued for review"}', 'lost'],
  [200, '{"code":"0"}', 'lost'],
  [200, '{"code":0', 'lost'],
  [200, '[]', 'lost'],
  [200, 'null', 'lost'],
  [200, '', 'lost'],
  [204, '', 'lost'],
] as const)('a %i that says %s is %s', ([status, body, kind]) => {
  expect(kindOf(answered(status, body))).toBe(kind);
});

test.for([400, 402, 404, 405, 408, 409, 410, 413, 415, 422, 451])('a %i fails for good', (status) => {
  expect(classify(answered(status), NOW)).toEqual({
    kind: 'failed',
    statusCode: status,
    error: `status ${status}`,
  });
});

test.for([301, 302, 307, 500, 502, 503, 504, 599])('a %i is refused for now', (status) => {
  expect(kindOf(answered(status))).toBe('refused');
});

test.for([401, 403])('a %i means that the token is wrong', (status) => {
  expect(classify(answered(status), NOW)).toEqual({ kind: 'token-rejected', statusCode: status });
});

test('a 429 says how long to wait', () => {
  expect(classify(answered(429, '', '7'), NOW)).toEqual({
    kind: 'throttled',
    statusCode: 429,
    error: 'status 429',
    pauseMs: 7_000,
  });
});

test('a call that broke before anything was sent is refused, every other one is lost', () => {
  const broken = { kind: 'broken', statusCode: null, error: 'ECONNREFUSED', cutShort: false } as const;
  expect(kindOf({ ...broken, nothingSent: true })).toBe('refused');
  expect(kindOf({ ...broken, nothingSent: false })).toBe('lost');
});

test.for([
  ['3', 3_000],
  ['0', 0],
  ['86400', 60_000],
  [null, 1_000],
  ['', 1_000],
  ['soon', 1_000],
  ['-5', 1_000],
  ['1.5', 1_000],
  ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
  ['Thu, 01 Jan 2026 09:00:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
] as const)('Retry-After %s means %i ms', ([header, milliseconds]) => {
  expect(retryAfterMs(header, NOW)).toBe(milliseconds);
});
