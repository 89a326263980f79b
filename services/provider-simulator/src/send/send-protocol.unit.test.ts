import { describe, expect, it } from 'vitest';
import { RunningSimulator, TOKEN } from '../../test/running-simulator.ts';

const PHONE = 79_161_234_567;

describe('POST /v1/send/{messageId}', () => {
  it('accepts a message and says so in the journal', async () => {
    const provider = await RunningSimulator.start();
    const before = performance.timeOrigin + performance.now();
    const answered = await provider.send(17, { headers: { 'idempotency-key': '17' } });
    expect(answered.status).toBe(200);
    expect(answered.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answered.text)).toEqual({ code: 0, message: 'OK' });

    const [entry, ...others] = await provider.entries();
    expect(others).toEqual([]);
    expect(entry).toEqual({
      sequence: 1,
      at: expect.any(Number),
      messageId: 17,
      phone: PHONE,
      text: 'Hello',
      idempotencyKey: '17',
      attempt: 1,
      accepted: true,
      repeat: false,
      outcome: 'ok',
      respondedAt: expect.any(Number),
      aborted: false,
    });
    const after = performance.timeOrigin + performance.now();
    expect(entry?.at).toBeGreaterThanOrEqual(before);
    expect(entry?.respondedAt).toBeGreaterThanOrEqual(entry?.at ?? Number.NaN);
    expect(after).toBeGreaterThanOrEqual(entry?.respondedAt ?? Number.NaN);
  });

  it('answers a message that it has accepted before again, and does not deliver it twice', async () => {
    const provider = await RunningSimulator.start();
    for (let time = 0; time < 3; time += 1) {
      expect((await provider.send(17)).text).toBe('{"code":0,"message":"OK"}');
    }
    const entries = await provider.entries();
    expect(entries.map(({ attempt, accepted, repeat }) => ({ attempt, accepted, repeat }))).toEqual([
      { attempt: 1, accepted: true, repeat: false },
      { attempt: 2, accepted: true, repeat: true },
      { attempt: 3, accepted: true, repeat: true },
    ]);
    expect(await provider.summary()).toMatchObject({
      requests: 3,
      accepted: 3,
      distinctAccepted: 1,
      repeatedAccepted: 2,
    });
  });

  it('refuses an idempotency key that was used for another message', async () => {
    const provider = await RunningSimulator.start();
    const headers = { 'idempotency-key': 'a-key' };
    expect((await provider.send(1, { headers })).status).toBe(200);
    expect((await provider.send(1, { headers })).status).toBe(200);
    expect((await provider.send(2, { headers })).status).toBe(422);
    expect(await provider.summary()).toMatchObject({ distinctAccepted: 1, byOutcome: { 'status-422': 1 } });
  });

  it.each([
    ['a wrong token', { headers: { authorization: 'Bearer wrong' } }, 401],
    ['no token', { headers: { authorization: '' } }, 401],
    ['another scheme', { headers: { authorization: `Basic ${TOKEN}` } }, 401],
    ['no JSON', { body: '{"id": 17' }, 400],
    ['an empty body', { body: '' }, 400],
    ['a body that is a list', { body: '[]' }, 400],
    ['an id that is text', { body: JSON.stringify({ id: '17', phone: PHONE, text: '' }) }, 400],
    ['a phone that is text', { body: JSON.stringify({ id: 17, phone: `${PHONE}`, text: '' }) }, 400],
    ['a phone with a fraction', { body: JSON.stringify({ id: 17, phone: 1.5, text: '' }) }, 400],
    ['no text', { body: JSON.stringify({ id: 17, phone: PHONE }) }, 400],
    ['an id that is not the path’s', { body: JSON.stringify({ id: 18, phone: PHONE, text: '' }) }, 400],
    ['a path without an integer', { path: '/v1/send/seventeen' }, 400],
    ['a path with an id beyond exact integers', { path: '/v1/send/9007199254740993' }, 400],
    ['a body above 64 KiB', { body: JSON.stringify({ id: 17, text: 'a'.repeat(65_536) }) }, 413],
  ])('refuses %s', async (_what, options, status) => {
    const provider = await RunningSimulator.start();
    const answered = await provider.send(17, options);
    expect(answered.status).toBe(status);
    expect(JSON.parse(answered.text)).toEqual({ code: status, message: expect.any(String) });
    expect(await provider.entries()).toMatchObject([{ accepted: false, outcome: `status-${status}` }]);
    // The connection is still good, and the message has not been spoilt.
    expect((await provider.send(17)).status).toBe(200);
  });

  it('takes a body of exactly 64 KiB', async () => {
    const provider = await RunningSimulator.start();
    const frame = JSON.stringify({ id: 17, phone: PHONE, text: '' });
    const body = JSON.stringify({ id: 17, phone: PHONE, text: 'a'.repeat(65_536 - frame.length) });
    expect((await provider.send(17, { body })).status).toBe(200);
  });

  it('knows no other routes, and journals none of them', async () => {
    const provider = await RunningSimulator.start();
    const { url, controlUrl } = provider.simulator;
    expect((await provider.send(17, { path: '/v2/send/17' })).status).toBe(404);
    expect((await provider.fetch(`${url}/v1/send/17`, { method: 'GET' })).status).toBe(404);
    expect((await provider.fetch(`${controlUrl}/v1/send/17`, { method: 'POST' })).status).toBe(404);
    expect((await provider.fetch(`${url}/healthz`, { method: 'GET' })).status).toBe(200);
    expect((await provider.ask('POST', '/journal')).headers.allow).toBe('GET, DELETE');
    expect((await provider.summary()).requests).toBe(0);
  });
});
