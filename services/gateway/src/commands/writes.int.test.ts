import { newId, type Refusal, resultSubject } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { addToLog, carryOutAll } from '../../test/entities.ts';
import { useGateway } from '../../test/use-gateway.ts';

const CLIENT = { phone: '79161234567', timezone: 'Europe/Moscow' };
const MAILING = {
  text: 'Hello',
  startAt: '2030-01-01T03:00:00+03:00',
  endAt: '2030-01-02T00:00:00Z',
  filter: { everyone: true },
};
const ID = newId();

const harness = useGateway({ COMMAND_WAIT_MS: 3_000 });
beforeAll(async () => {
  await addToLog(harness.others, ID);
});
beforeEach(() => {
  harness.mailing.play = carryOutAll;
  harness.mailing.delayMs = 0;
  harness.mailing.received.length = 0;
});

/** For how many commands a request waits. */
async function awaited(): Promise<number | undefined> {
  const { values } = (await harness.gateway.metrics.getSingleMetric('herald_results_awaited')?.get()) ?? {};
  return values?.[0]?.value;
}

test('a new client is answered 201 with its place and version', async () => {
  const answer = await harness.call('POST', '/clients', { ...CLIENT, tag: 'vip' });
  expect(answer).toMatchObject({
    status: 201,
    body: { ...CLIENT, tag: 'vip', operatorCode: '916', version: 1 },
  });
  expect(answer.headers.get('location')).toBe(`/api/v1/clients/${answer.body.id}`);
  expect(answer.headers.get('etag')).toBe('"1"');
});

test('a new mailing is answered without what only the services need, its times in UTC', async () => {
  const answer = await harness.call('POST', '/mailings', MAILING);
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe(`/api/v1/mailings/${answer.body.id}`);
  expect(answer.body).toEqual({
    id: expect.any(String),
    name: null,
    text: 'Hello',
    startAt: '2030-01-01T00:00:00.000Z',
    endAt: '2030-01-02T00:00:00.000Z',
    filter: { everyone: true },
    localWindow: null,
    rateLimit: null,
    priority: 5,
    status: 'scheduled',
    version: 1,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    startedAt: null,
    endedAt: null,
    settledAt: null,
  });
});

test.each([
  [
    'PATCH',
    `/clients/${ID}`,
    { tag: null },
    200,
    { type: 'ChangeClient', data: { clientId: ID, changes: { tag: null } } },
  ],
  ['DELETE', `/clients/${ID}`, undefined, 204, { type: 'RemoveClient', data: { clientId: ID } }],
  [
    'PATCH',
    `/mailings/${ID}`,
    { name: null },
    200,
    { type: 'ChangeMailing', data: { mailingId: ID, changes: { name: null } } },
  ],
  [
    'PATCH',
    `/mailings/${ID}`,
    { rateLimit: 0.5, priority: null },
    200,
    { type: 'ChangeMailing', data: { mailingId: ID, changes: { rateLimit: 0.5, priority: null } } },
  ],
  ['DELETE', `/mailings/${ID}`, undefined, 204, { type: 'DeleteMailing', data: { mailingId: ID } }],
  ['POST', `/mailings/${ID}/pause`, undefined, 200, { type: 'PauseMailing', data: { mailingId: ID } }],
  ['POST', `/mailings/${ID}/resume`, undefined, 200, { type: 'ResumeMailing', data: { mailingId: ID } }],
])('%s %s becomes the command it says', async (method, path, body, status, command) => {
  const answer = await harness.call(method, path, body, {
    'If-Match': '"3"',
    'X-Correlation-Id': 'look.for-me_1',
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('x-correlation-id')).toBe('look.for-me_1');
  expect(harness.mailing.received).toEqual([
    expect.objectContaining({
      ...command,
      data: { ...command.data, expectedVersion: 3 },
      source: 'gateway',
      correlationid: 'look.for-me_1',
    }),
  ]);
  if (status === 200) expect(answer.headers.get('etag')).toBe(`"${answer.body.version}"`);
  else expect(answer.body).toBe('');
});

test('a merge patch may be sent under its own content type, in any case, and with a charset', async () => {
  const type = 'Application/Merge-Patch+JSON; charset=UTF-8';
  const answer = await harness.call('PATCH', `/clients/${ID}`, '{"tag":"a"}', { 'Content-Type': type });
  expect(answer.status).toBe(200);
});

test.each<[Refusal, number]>([
  [{ code: 'client-not-found' }, 404],
  [{ code: 'phone-taken', clientId: ID }, 409],
  [{ code: 'version-mismatch', version: 4 }, 412],
  [{ code: 'timezone-invalid', timezone: 'x' }, 422],
])('the refusal %o is answered %i', async (refusal, status) => {
  harness.mailing.play = () => ({ kind: 'refused', refusal });
  const answer = await harness.call('PATCH', `/clients/${ID}`, { tag: 'a' });
  expect(answer).toMatchObject({ status, body: { code: refusal.code, status } });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
});

test('the same key and body get the same answer, and are carried out once', async () => {
  const headers = { 'Idempotency-Key': newId() };
  const first = await harness.call('POST', '/clients', CLIENT, headers);
  const again = await harness.call(
    'POST',
    '/clients',
    { timezone: CLIENT.timezone, phone: CLIENT.phone },
    headers,
  );
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('location')).toBe(first.headers.get('location'));
  expect(harness.mailing.received).toHaveLength(1);
});

test('twenty at once under one key are one command, and all get its answer', async () => {
  harness.mailing.delayMs = 200;
  const headers = { 'Idempotency-Key': newId() };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => harness.call('POST', '/clients', CLIENT, headers)),
  );
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(201);
  expect(harness.mailing.received).toHaveLength(1);
});

test.each([
  ['another body', 'POST', '/clients', { ...CLIENT, tag: 'other' }, {}],
  ['another route', 'POST', '/mailings', MAILING, {}],
  ['another condition', 'POST', `/mailings/${ID}/pause`, undefined, { 'If-Match': '"1"' }],
])('a key that was used is refused for %s', async (_title, method, path, body, headers) => {
  const key = { 'Idempotency-Key': newId() };
  expect((await harness.call('POST', '/clients', CLIENT, key)).status).toBe(201);
  const answer = await harness.call(method, path, body, { ...key, ...headers });
  expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(harness.mailing.received).toHaveLength(1);
});

test('a repeat under a key gets its first answer also after the end of the mailing', async () => {
  const past = { ...MAILING, startAt: '2020-01-01T00:00:00Z', endAt: '2020-01-02T00:00:00Z' };
  const unkeyed = await harness.call('POST', '/mailings', past);
  expect(unkeyed).toMatchObject({ status: 422, body: { code: 'mailing-end-in-past' } });
  const keyed = await harness.call('POST', '/mailings', past, { 'Idempotency-Key': newId() });
  expect(keyed.status).toBe(201);
});

test('a stored result that announces nobody any more is found by asking', async () => {
  const headers = { 'Idempotency-Key': newId() };
  const first = await harness.call('POST', '/clients', CLIENT, headers);
  harness.mailing.play = () => null;
  const again = await harness.call('POST', '/clients', CLIENT, headers);
  expect(again).toMatchObject({ status: 201, body: first.body });
});

test('a stored result that nobody can say at first is asked for until somebody can', async () => {
  const headers = { 'Idempotency-Key': newId() };
  const first = await harness.call('POST', '/clients', CLIENT, headers);
  harness.mailing.play = () => null;
  // One is asked before the command is sent: whether the key is that of an import.
  harness.mailing.failures = 2;
  const again = await harness.call('POST', '/clients', CLIENT, headers);
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(harness.mailing.failures).toBe(0);
});

test('a result that cannot be read is no answer, and costs the next one nothing', async () => {
  harness.mailing.play = (command) => {
    harness.others.broker.connection.publish(resultSubject(command.id), 'no result');
    return carryOutAll(command);
  };
  expect((await harness.call('POST', '/clients', CLIENT)).status).toBe(201);
});

test('who goes away is waited for no longer', async () => {
  harness.mailing.play = () => null;
  const leaving = new AbortController();
  const request = fetch(`${harness.url}/api/v1/clients`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': newId() },
    body: JSON.stringify(CLIENT),
    signal: leaving.signal,
  });
  await eventually(async () => (await awaited()) === 1, { message: 'the result is waited for' });
  leaving.abort();
  await expect(request).rejects.toThrow();
  await eventually(async () => (await awaited()) === 0, {
    timeoutMs: 1_500,
    message: 'nobody waits any more, long before the wait is over',
  });
});
