import { expect, test } from 'vitest';
import type { CallResult } from './answer.ts';
import { classify as classifyWithin } from './classify.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const classify = (result: CallResult, now: number) => classifyWithin(result, now, HOUR);

const answered = (statusCode: number, body = '', retryAfter: string | null = null): CallResult => ({
  kind: 'answered',
  statusCode,
  body,
  retryAfter,
  date: null,
});

const kindOf = (result: CallResult): string => classify(result, NOW).kind;

test.for([
  [200, '{"code":0,"message":"OK"}', 'sent'],
  [201, '{"code":0}', 'sent'],
  [200, '{"code":17,"message":"queued for review"}', 'declined'],
  [202, '{"code":-1,"message":""}', 'declined'],
  [200, '{"code":5.0,"message":"x","more":[]}', 'declined'],
  [200, '{"code":0,"message":null}', 'sent'],
  [200, '{"code":17}', 'lost'],
  [200, '{"code":17,"message":5}', 'lost'],
  [200, '{"code":0.5,"message":"x"}', 'lost'],
  [200, '{"code":false,"message":"x"}', 'lost'],
  [200, '{"code":"0"}', 'lost'],
  [200, '{"code":0', 'lost'],
  [200, '[]', 'lost'],
  [200, 'null', 'lost'],
  [200, '', 'lost'],
  [201, '', 'lost'],
  [204, '', 'lost'],
  [206, '{"code":0}', 'sent'],
  [200, '<html>Please log in</html>', 'lost'],
  [200, '['.repeat(60_000), 'lost'],
] as const)('a %i that says %s is %s', ([status, body, kind]) => {
  expect(kindOf(answered(status, body))).toBe(kind);
});

test.for([400, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 431, 451, 499])(
  'a %i fails for good',
  (status) => {
    expect(classify(answered(status), NOW)).toEqual({
      kind: 'failed',
      statusCode: status,
      error: `status ${status}`,
    });
  },
);

test.for([
  100, 101, 300, 301, 302, 304, 307, 308, 402, 407, 408, 421, 423, 425, 500, 502, 503, 504, 599, 700,
])('a %i is refused for now', (status) => {
  expect(kindOf(answered(status))).toBe('refused');
});

test.for([401, 403])('a %i is about the token or the message', (status) => {
  const rejected = { kind: 'rejected', statusCode: status, counts: false };
  expect(classify(answered(status), NOW)).toEqual({ ...rejected, error: `status ${status}` });
  expect(classify(answered(status, '{"code":7,"message":"blocked"}'), NOW)).toEqual({
    ...rejected,
    error: `status ${status}, code 7: blocked`,
  });
});

test('a refusal is told in the provider’s own words, without phones', () => {
  const body = '{"code":5,"message":"no such number: +79161234567"}';
  expect(classify(answered(200, body), NOW)).toEqual({
    kind: 'declined',
    statusCode: 200,
    error: 'code 5: no such number: +*****',
  });
  expect(classify(answered(422, body), NOW)).toMatchObject({
    error: 'status 422, code 5: no such number: +*****',
  });
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

test('a call that we broke off before anything was sent is none', () => {
  const broken = { kind: 'broken', statusCode: null, error: 'the mailing ended', cutShort: true } as const;
  expect(kindOf({ ...broken, nothingSent: true })).toBe('unsent');
  expect(kindOf({ ...broken, nothingSent: false })).toBe('lost');
});

test('a refusal that says for how long holds every call so long', () => {
  expect(classify(answered(503, '', '7'), NOW)).toEqual({
    kind: 'refused',
    statusCode: 503,
    error: 'status 503',
    pauseMs: 7_000,
  });
  expect(classify(answered(425, '', '7'), NOW)).toMatchObject({ pauseMs: 7_000 });
});

test('a refusal that does not say, or a redirection, holds nobody else', () => {
  for (const result of [answered(503), answered(503, '', 'soon'), answered(307, '', '7')]) {
    expect(classify(result, NOW)).toMatchObject({ kind: 'refused', pauseMs: null });
  }
});
