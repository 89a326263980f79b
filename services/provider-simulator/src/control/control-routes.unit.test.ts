import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { RunningSimulator } from '../../test/running-simulator.ts';

describe('control', () => {
  it('shows, replaces and resets the behaviour, on both ports', async () => {
    const provider = await RunningSimulator.start();
    const healthy = { latencyMs: 0, rules: [], outage: 'none', rejectToken: false, seed: 1 };
    expect(JSON.parse((await provider.ask('GET', '/control')).text)).toEqual(healthy);

    const put = await provider.ask('PUT', '/control', { latencyMs: 5, seed: 9 });
    expect(put.status).toBe(200);
    expect(JSON.parse(put.text)).toEqual({ ...healthy, latencyMs: 5, seed: 9 });

    await provider.behave({ rejectToken: true });
    const onMain = await provider.fetch(`${provider.simulator.url}/control`, { method: 'GET' });
    expect(JSON.parse(onMain.text)).toEqual({ ...healthy, rejectToken: true });

    expect((await provider.ask('DELETE', '/control')).status).toBe(204);
    expect(JSON.parse((await provider.ask('GET', '/control')).text)).toEqual(healthy);
  });

  it('with a secret is found below it only, on both ports, and so is the journal', async () => {
    const provider = await RunningSimulator.start({ PROVIDER_CONTROL_SECRET: 'nobody-knows' });
    expect((await provider.send(1)).status).toBe(200);
    for (const base of [provider.simulator.url, provider.simulator.controlUrl]) {
      const get = (path: string) => provider.fetch(`${base}${path}`, { method: 'GET' });
      for (const path of ['/control', '/journal', '/journal/summary', '/wrong/control', '/nobody-knows']) {
        expect((await get(path)).status).toBe(404);
      }
      expect((await get('/healthz')).status).toBe(200);
      expect((await get('/nobody-knows/control')).status).toBe(200);
      expect(JSON.parse((await get('/nobody-knows/journal/summary')).text)).toMatchObject({ requests: 1 });
    }
  });

  it('refuses unknown fields by name and leaves the behaviour as it was', async () => {
    const provider = await RunningSimulator.start();
    const refused = await provider.ask('PUT', '/control', {
      latency: 5,
      rules: [{ fault: { kind: 'hang', for: 1 } }],
    });
    expect(refused.status).toBe(422);
    expect(refused.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(refused.text)).toMatchObject({
      status: 422,
      detail: 'rules.0.fault.for: unknown field; latency: unknown field',
      errors: [
        { field: 'rules.0.fault.for', message: 'unknown field' },
        { field: 'latency', message: 'unknown field' },
      ],
    });
    expect((await provider.send(1)).status).toBe(200);
  });

  it('refuses what is not JSON', async () => {
    const provider = await RunningSimulator.start();
    const url = `${provider.simulator.controlUrl}/control`;
    expect((await provider.fetch(url, { method: 'PUT', body: '{' })).status).toBe(400);
  });

  it('rejects every token', async () => {
    const provider = await RunningSimulator.start();
    await provider.behave({ rejectToken: true });
    expect((await provider.send(1)).status).toBe(401);
    await provider.behave({});
    expect((await provider.send(1)).status).toBe(200);
  });

  it('limits the rate with 429 and Retry-After', async () => {
    const provider = await RunningSimulator.start();
    await provider.behave({ rateLimitPerSecond: 3 });
    const answers = await Promise.all([1, 2, 3, 4, 5].map((id) => provider.send(id)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.map(({ headers }) => headers['retry-after'])).toEqual(['1', '1']);
    await provider.behave({ rateLimitPerSecond: 1, retryAfterSeconds: 30 });
    expect((await provider.send(6)).status).toBe(200);
    expect((await provider.send(7)).headers['retry-after']).toBe('30');
    expect(await provider.summary()).toMatchObject({
      distinctAccepted: 4,
      byOutcome: { ok: 4, 'status-429': 3 },
    });
  });
});

describe('an outage', () => {
  it('of kind unavailable answers 503 to all', async () => {
    const provider = await RunningSimulator.start();
    await provider.behave({ outage: 'unavailable' });
    expect((await provider.send(1)).status).toBe(503);
    await provider.behave({});
    expect((await provider.send(1)).status).toBe(200);
  });

  it('of kind refuse truly refuses connections, cuts the open ones, and ends on the same port', async () => {
    const provider = await RunningSimulator.start();
    expect((await provider.send(1)).status).toBe(200);
    await provider.behave({ rules: [{ fault: { kind: 'hang' } }] });
    const hanging = provider.send(2);
    hanging.catch(() => undefined);
    await eventually(
      () => provider.summary(),
      ({ inFlight }) => inFlight === 1,
    );

    await provider.behave({ outage: 'refuse' });
    await expect(provider.send(3)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(hanging).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
    expect((await provider.ask('GET', '/healthz')).status).toBe(200);

    expect((await provider.ask('DELETE', '/control')).status).toBe(204);
    expect((await provider.send(4)).status).toBe(200);
    expect(await provider.entries()).toMatchObject([
      { messageId: 1 },
      { messageId: 2, outcome: 'hang', respondedAt: null, aborted: false },
      { messageId: 4 },
    ]);
  });

  it('asked for on the main port is answered before that port is gone', async () => {
    const provider = await RunningSimulator.start();
    const { url } = provider.simulator;
    const body = JSON.stringify({ outage: 'refuse' });
    const answered = await provider.fetch(`${url}/control`, { method: 'PUT', body });
    expect(answered).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await expect(provider.send(1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await provider.behave({});
    expect((await provider.send(1)).status).toBe(200);
  });
});
