import { newId } from '@herald/contracts';
import { expect, test } from 'vitest';
import { useGateway } from '../../test/use-gateway.ts';

const harness = useGateway({
  COMMAND_WAIT_MS: 300,
  QUERY_WAIT_MS: 300,
  BODY_LIMIT_BYTES: 16_384,
});

const ID = newId();
const JSON_TYPE = { 'Content-Type': 'application/json' };
const CLIENT = { phone: '79161234567', timezone: 'UTC' };
const MAILING = {
  text: 'Hello',
  startAt: '2030-01-01T00:00:00Z',
  endAt: '2030-01-02T00:00:00Z',
  filter: { everyone: true },
};

interface Bad {
  readonly title: string;
  readonly call: readonly [method: string, path: string, body?: unknown, headers?: Record<string, string>];
  readonly status: number;
  readonly code: string;
  readonly path?: string;
}

const invalid = (title: string, path: string, ...call: Bad['call']): Bad => ({
  title,
  call,
  status: 422,
  code: 'validation-failed',
  path,
});
const bad = (title: string, status: number, code: string, ...call: Bad['call']): Bad => ({
  title,
  call,
  status,
  code,
});

/** Every call that takes a JSON body, with one that fits. */
const BODIES: ReadonlyArray<readonly [string, string, object]> = [
  ['POST', '/clients', CLIENT],
  ['PATCH', `/clients/${ID}`, { tag: 'a' }],
  ['POST', '/mailings', MAILING],
  ['PATCH', `/mailings/${ID}`, { name: 'a' }],
  ['POST', '/mailings/preview', { filter: { everyone: true } }],
];

/** Every call that names one thing by its id. */
const BY_ID: ReadonlyArray<readonly [string, string, object?]> = [
  ['GET', '/clients/{id}'],
  ['PATCH', '/clients/{id}', { tag: 'a' }],
  ['DELETE', '/clients/{id}'],
  ['GET', '/clients/{id}/messages'],
  ['GET', '/clients/{id}/events'],
  ['GET', '/mailings/{id}'],
  ['PATCH', '/mailings/{id}', { name: 'a' }],
  ['DELETE', '/mailings/{id}'],
  ['POST', '/mailings/{id}/pause'],
  ['POST', '/mailings/{id}/resume'],
  ['GET', '/mailings/{id}/stats'],
  ['GET', '/mailings/{id}/messages'],
  ['GET', '/mailings/{id}/events'],
  ['GET', `/mailings/{id}/clients/${ID}`],
  ['GET', '/messages/{id}'],
  ['GET', '/commands/{id}'],
];

/** A cursor that has the right shape, from a year that no calendar of the database has. */
const YEAR_ZERO = Buffer.from(JSON.stringify({ createdAt: '0000-01-01T00:00:00.000Z', id: ID })).toString(
  'base64url',
);

const LISTS = [
  ...['/clients', '/mailings', '/stats', `/clients/${ID}/messages`, `/mailings/${ID}/messages`],
  ...['/log', `/clients/${ID}/events`, `/mailings/${ID}/events`],
];

const cases: Bad[] = [
  ...BODIES.flatMap(([method, path, body]) => [
    bad('without a body', 400, 'body-missing', method, path, undefined, JSON_TYPE),
    bad('with a body of another type', 415, 'content-type-unsupported', method, path, 'a=1', {
      'Content-Type': 'application/x-www-form-urlencoded',
    }),
    bad('with a body in another charset', 415, 'content-type-unsupported', method, path, '{}', {
      'Content-Type': 'application/json; charset=utf-16',
    }),
    bad('with a compressed body', 415, 'content-type-unsupported', method, path, body, {
      'Content-Encoding': 'gzip',
    }),
    bad('with a body that is no JSON', 400, 'body-not-json', method, path, '{"a":', JSON_TYPE),
    bad(
      'with a body over the limit',
      413,
      'body-too-large',
      method,
      path,
      JSON.stringify('x'.repeat(17_000)),
      JSON_TYPE,
    ),
    invalid('with a list as its body', '', method, path, '[]', JSON_TYPE),
    invalid('with null as its body', '', method, path, 'null', JSON_TYPE),
    invalid('with an unknown field', '/surprise', method, path, { ...body, surprise: 1 }),
    invalid(
      'with __proto__ as a field',
      '/__proto__',
      method,
      path,
      `{"__proto__":{},${JSON.stringify(body).slice(1)}`,
      JSON_TYPE,
    ),
  ]),
  ...BY_ID.map(([method, path, body]) =>
    invalid('with an id that is none', '/id', method, path.replace('{id}', 'abc'), body),
  ),
  ...BY_ID.map(([method, path, body]) =>
    invalid('with an unknown parameter', '/colour', method, `${path.replace('{id}', ID)}?colour=red`, body),
  ),
  ...BODIES.map(([method, path, body]) =>
    invalid('with an unknown parameter', '/colour', method, `${path}?colour=red`, body),
  ),
  invalid('with an unknown parameter', '/colour', 'GET', '/monitor?colour=red'),
  ...LISTS.flatMap((path) => [
    invalid('with a limit of 0', '/limit', 'GET', `${path}?limit=0`),
    invalid('with a limit of 1001', '/limit', 'GET', `${path}?limit=1001`),
    invalid('with two limits', '/limit', 'GET', `${path}?limit=1&limit=2`),
    invalid('with a cursor that is none', '/cursor', 'GET', `${path}?cursor=abc`),
    invalid('with an unknown parameter', '/colour', 'GET', `${path}?colour=red`),
  ]),
  ...['/mailings', '/stats'].map((path) =>
    invalid('with a cursor of the year 0', '/cursor', 'GET', `${path}?cursor=${YEAR_ZERO}`),
  ),
  invalid('with a client that is none', '/clientId', 'GET', `/mailings/${ID}/clients/1`),
  invalid(
    'with messages that are neither true nor false',
    '/messages',
    'GET',
    `/mailings/${ID}/events?messages=1`,
  ),
  invalid('after half a position', '/after', 'GET', '/log?after=0.5'),
  invalid('after a position beyond all numbers', '/after', 'GET', '/log?after=9999999999999999'),
  invalid('with the last 0', '/last', 'GET', '/log?last=0'),
  invalid('with the last 1001', '/last', 'GET', '/log?last=1001'),
  invalid('with the last ones after a position', '/last', 'GET', '/log?last=1&after=1'),
  invalid('with the last ones and a limit', '/limit', 'GET', '/log?last=1&limit=1'),
  invalid(
    'with two places to begin',
    '/after',
    'GET',
    `/log?after=1&cursor=${Buffer.from('1').toString('base64url')}`,
  ),
  invalid('by an unknown status', '/status', 'GET', '/mailings?status=lost'),
  invalid('by an unknown status', '/status', 'GET', '/stats?status=deleted'),
  invalid('by an unknown status', '/status', 'GET', `/mailings/${ID}/messages?status=lost`),
  invalid('by a client that is none', '/clientId', 'GET', `/mailings/${ID}/messages?clientId=1`),
  invalid('by a phone that is none', '/phone', 'GET', '/clients?phone=123'),
  invalid('by a tag with NUL', '/tag', 'GET', '/clients?tag=%00'),
  invalid('without any attribute', '/phone', 'POST', '/clients', {}),
  invalid('with NUL in a tag', '/tag', 'POST', '/clients', { ...CLIENT, tag: '\u0000' }),
  invalid(
    'with half a character',
    '/tag',
    'POST',
    '/clients',
    '{"phone":"79161234567","timezone":"UTC","tag":"\\ud800"}',
    JSON_TYPE,
  ),
  invalid('in no time zone', '/timezone', 'POST', '/clients', { ...CLIENT, timezone: 'Nowhere' }),
  invalid('with a window of no length', '/localWindow/to', 'POST', '/mailings', {
    ...MAILING,
    localWindow: { from: '09:00', to: '09:00' },
  }),
  invalid('with a limit of nothing', '/rateLimit', 'POST', '/mailings', { ...MAILING, rateLimit: 0 }),
  invalid('with a limit of nothing', '/rateLimit', 'PATCH', `/mailings/${ID}`, { rateLimit: 0 }),
  invalid('with priority 10', '/priority', 'POST', '/mailings', { ...MAILING, priority: 10 }),
  invalid('with half a priority', '/priority', 'PATCH', `/mailings/${ID}`, { priority: 0.5 }),
  invalid('starting on 30 February', '/startAt', 'POST', '/mailings', {
    ...MAILING,
    startAt: '2030-02-30T00:00:00Z',
  }),
  invalid('to nobody', '/filter', 'POST', '/mailings', { ...MAILING, filter: {} }),
  bad('ending at its start', 422, 'mailing-end-not-after-start', 'POST', '/mailings', {
    ...MAILING,
    endAt: MAILING.startAt,
  }),
  bad('ending in the past', 422, 'mailing-end-in-past', 'POST', '/mailings', {
    ...MAILING,
    startAt: '2020-01-01T00:00:00Z',
    endAt: '2020-01-02T00:00:00Z',
  }),
  bad('that changes nothing', 422, 'nothing-to-change', 'PATCH', `/clients/${ID}`, {}),
  bad('that changes nothing', 422, 'nothing-to-change', 'PATCH', `/mailings/${ID}`, {}),
  invalid('of a phone to null', '/phone', 'PATCH', `/clients/${ID}`, { phone: null }),
  invalid('with an empty key', 'Idempotency-Key', 'POST', '/clients', CLIENT, { 'Idempotency-Key': '' }),
  invalid('with a long key', 'Idempotency-Key', 'DELETE', `/clients/${ID}`, undefined, {
    'Idempotency-Key': 'k'.repeat(256),
  }),
  invalid('with a weak tag', 'If-Match', 'PATCH', `/clients/${ID}`, { tag: 'a' }, { 'If-Match': 'W/"1"' }),
  invalid('with a bare version', 'If-Match', 'POST', `/mailings/${ID}/pause`, undefined, { 'If-Match': '1' }),
  invalid(
    'with an unknown onDuplicate',
    '/onDuplicate',
    'POST',
    '/clients/import?onDuplicate=merge',
    'phone',
    { 'Content-Type': 'text/csv' },
  ),
  bad('of JSON', 415, 'content-type-unsupported', 'POST', '/clients/import', CLIENT),
  bad('without a type', 415, 'content-type-unsupported', 'POST', '/clients/import'),
  bad('of nothing', 422, 'import-empty', 'POST', '/clients/import', '', { 'Content-Type': 'text/csv' }),
  bad('of nothing', 422, 'import-empty', 'POST', '/clients/import', '\n', {
    'Content-Type': 'application/x-ndjson',
  }),
  bad('with a bad header row', 422, 'import-header-invalid', 'POST', '/clients/import', 'a,b\n', {
    'Content-Type': 'text/csv',
  }),
  bad('at no route', 404, 'route-unknown', 'GET', '/nowhere'),
  bad('at a route with a slash behind', 404, 'route-unknown', 'GET', '/clients/'),
  bad('of an unknown client', 404, 'client-not-found', 'GET', `/clients/${ID}`),
  bad('of the messages of an unknown client', 404, 'client-not-found', 'GET', `/clients/${ID}/messages`),
  bad('of an unknown mailing', 404, 'mailing-not-found', 'GET', `/mailings/${ID}`),
  bad('of the events of an unknown client', 404, 'client-not-found', 'GET', `/clients/${ID}/events`),
  bad('of the events of an unknown mailing', 404, 'mailing-not-found', 'GET', `/mailings/${ID}/events`),
  bad('of the messages of an unknown mailing', 404, 'mailing-not-found', 'GET', `/mailings/${ID}/messages`),
  bad('of a list without the mailing service', 503, 'service-unavailable', 'GET', '/clients'),
  bad('of statistics without their service', 503, 'service-unavailable', 'GET', '/stats'),
  bad('of the log without the statistics', 503, 'service-unavailable', 'GET', '/log'),
  bad('of a why without the statistics', 503, 'service-unavailable', 'GET', `/mailings/${ID}/clients/${ID}`),
  bad('with a percent sign alone', 400, 'url-malformed', 'GET', '/clients/%'),
  bad('with broken UTF-8 in the query', 400, 'url-malformed', 'GET', '/clients?tag=%ff'),
  bad('with a URL that is too long', 414, 'url-too-long', 'GET', `/clients?tag=${'x'.repeat(5_000)}`),
  bad('with a method that the path does not know', 405, 'method-not-allowed', 'PUT', `/clients/${ID}`, {}),
  bad('with a method that the path does not know', 405, 'method-not-allowed', 'DELETE', '/mailings'),
];

test.each(cases)('$call.0 $call.1 $title: $status $code', async ({ call, status, code, path }) => {
  const answer = await harness.call(...call);
  expect(answer.body).toMatchObject({ status, code, type: `urn:herald:problem:${code}` });
  expect(answer.body.title).toEqual(expect.any(String));
  expect(answer.body.detail).toEqual(expect.any(String));
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('x-correlation-id')).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
  if (path !== undefined) {
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path);
  }
});

test('405 names what the path knows', async () => {
  expect((await harness.call('PUT', `/clients/${ID}`)).headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH');
  expect((await harness.call('OPTIONS', '/mailings/preview')).headers.get('allow')).toContain('POST');
});

test('a body that says nothing of its length is stopped at the limit too', async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(Buffer.from(' '.repeat(4_096))),
  });
  const response = await fetch(`${harness.url}/api/v1/clients`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: endless,
    duplex: 'half',
  });
  expect(await response.json()).toMatchObject({ status: 413, code: 'body-too-large' });
});

test('an unfit correlation id is replaced', async () => {
  const answer = await harness.call('GET', '/nowhere', undefined, { 'X-Correlation-Id': 'a b' });
  expect(answer.headers.get('x-correlation-id')).not.toBe('a b');
});
