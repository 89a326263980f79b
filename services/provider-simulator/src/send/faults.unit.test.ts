import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { RunningSimulator, TOKEN } from '../../test/running-simulator.ts';
import { sendRaw } from '../../test/send-raw.ts';

async function striking(fault: object): Promise<RunningSimulator> {
  const provider = await RunningSimulator.start();
  await provider.behave({ rules: [{ fault }] });
  return provider;
}

describe('a fault', () => {
  it('answers with a status, with Retry-After and a body where they are given', async () => {
    const provider = await striking({
      kind: 'status',
      status: 503,
      retryAfterSeconds: 7,
      body: { reason: 'busy' },
    });
    const answered = await provider.send(1);
    expect(answered).toMatchObject({ status: 503, text: '{"reason":"busy"}' });
    expect(answered.headers['retry-after']).toBe('7');
    expect(await provider.entries()).toMatchObject([{ accepted: false, outcome: 'status-503' }]);
  });

  it('goes away after the first attempts of each message', async () => {
    const provider = await RunningSimulator.start();
    await provider.behave({
      rules: [{ fault: { kind: 'status', status: 500 }, match: { firstAttempts: 2 } }],
    });
    const statuses = [];
    for (const id of [1, 2, 1, 2, 1, 2]) statuses.push((await provider.send(id)).status);
    expect(statuses).toEqual([500, 500, 500, 500, 200, 200]);
  });

  it('hangs until the client leaves, without accepting', async () => {
    const provider = await striking({ kind: 'hang' });
    await expect(provider.send(1, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
    const entries = await eventually(
      () => provider.entries(),
      ([entry]) => entry?.aborted === true,
    );
    expect(entries).toMatchObject([{ accepted: false, outcome: 'hang', respondedAt: null, aborted: true }]);
    expect(await provider.summary()).toMatchObject({ inFlight: 0, maxInFlight: 1, aborted: 1 });
  });

  it('hangs and accepts where that is asked for', async () => {
    const provider = await striking({ kind: 'hang', accepted: true });
    await expect(provider.send(1, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    expect(await provider.entries()).toMatchObject([{ accepted: true, outcome: 'hang' }]);
  });

  it('drips a whole answer slowly', async () => {
    const provider = await striking({ kind: 'slow-drip', bytesPerSecond: 100 });
    const received = await sendRaw(provider, 1);
    expect(received.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(received.body).toBe('{"code":0,"message":"OK"}');
    // 25 bytes at 100 a second take 250 ms, and the head does not wait for them.
    expect(received.bodyMs).toBeGreaterThan(200);
    expect(received.bodyPieces).toBeGreaterThan(5);
    expect(await provider.entries()).toMatchObject([{ accepted: true, outcome: 'slow-drip' }]);
  });

  it('resets before the message is accepted', async () => {
    const provider = await striking({ kind: 'reset-before' });
    expect(await sendRaw(provider, 1)).toMatchObject({ head: '', error: 'ECONNRESET' });
    expect(await provider.entries()).toMatchObject([
      { accepted: false, outcome: 'reset-before', respondedAt: null, aborted: false },
    ]);
  });

  it('resets after the message is accepted, so that its repeat is one', async () => {
    const provider = await RunningSimulator.start();
    await provider.behave({ rules: [{ fault: { kind: 'reset-after' }, match: { firstAttempts: 1 } }] });
    expect(await sendRaw(provider, 1)).toMatchObject({ head: '', error: 'ECONNRESET' });
    expect((await provider.send(1)).status).toBe(200);
    expect(await provider.entries()).toMatchObject([
      { accepted: true, repeat: false, outcome: 'reset-after', respondedAt: null, aborted: false },
      { accepted: true, repeat: true, outcome: 'ok' },
    ]);
  });

  it('answers 200 with what is not JSON', async () => {
    const provider = await striking({ kind: 'garbage' });
    const answered = await provider.send(1);
    expect(answered.status).toBe(200);
    expect(() => JSON.parse(answered.text)).toThrow();
    expect(await provider.entries()).toMatchObject([{ accepted: true, outcome: 'garbage' }]);
  });

  it('answers 200 with JSON that is not of the protocol', async () => {
    const provider = await striking({ kind: 'wrong-body' });
    const answered = await provider.send(1);
    expect(answered.status).toBe(200);
    expect(JSON.parse(answered.text)).not.toHaveProperty('code');
    expect(await provider.entries()).toMatchObject([{ accepted: true, outcome: 'wrong-body' }]);
  });

  it('answers 200 with a refusal in the protocol’s form', async () => {
    const provider = await striking({ kind: 'refusal', code: 9, message: 'blocked' });
    const answered = await provider.send(1);
    expect(answered.status).toBe(200);
    expect(JSON.parse(answered.text)).toEqual({ code: 9, message: 'blocked' });
    expect(await provider.entries()).toMatchObject([{ accepted: false, outcome: 'refusal' }]);
  });

  it.each([
    ['gzip', (body: Buffer) => gunzipSync(body)],
    ['deflate', (body: Buffer) => inflateSync(body)],
    ['br', (body: Buffer) => brotliDecompressSync(body)],
    ['unknown', (body: Buffer) => body],
  ] as const)('packs a valid body with %s, also one that is large', async (coding, unpack) => {
    const provider = await RunningSimulator.start();
    for (const unpackedBytes of [undefined, 1_000_000]) {
      await provider.behave({ rules: [{ fault: { kind: 'coded', coding, unpackedBytes } }] });
      const { statusCode, headers, body } = await request(`${provider.simulator.url}/v1/send/1`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ id: 1, phone: 79_161_234_567, text: 'Hello' }),
      });
      const unpacked = unpack(Buffer.from(await body.arrayBuffer()));
      expect([statusCode, headers['content-encoding']]).toEqual([200, coding]);
      expect(JSON.parse(unpacked.toString())).toEqual({ code: 0, message: 'OK' });
      expect(unpacked.length).toBe(unpackedBytes ?? 25);
    }
    expect(await provider.entries()).toMatchObject([{ accepted: true, outcome: 'coded' }, { repeat: true }]);
  });

  it('closes the connection before the body is whole', async () => {
    const provider = await striking({ kind: 'truncated' });
    const received = await sendRaw(provider, 1);
    expect(received.head).toMatch(/Content-Length: 25\r\n/);
    expect(received.body).toBe('{"code":0,"mess');
    expect(received.error).toBe(null);
    await expect(provider.send(2)).rejects.toThrow();
    expect(await provider.entries()).toMatchObject([
      { accepted: true, outcome: 'truncated', respondedAt: null, aborted: false },
      { messageId: 2, accepted: true },
    ]);
  });

  it('streams a huge body of just the size asked for', async () => {
    const provider = await striking({ kind: 'huge', bytes: 1_000_003 });
    const answered = await provider.send(1);
    expect(answered.text).toHaveLength(1_000_003);
    expect(JSON.parse(answered.text)).toMatchObject({ code: 0 });
    expect(answered.headers['content-length']).toBe(undefined);
    expect(await provider.entries()).toMatchObject([{ accepted: true, outcome: 'huge' }]);
  });

  it('stops streaming a huge body when the client leaves', async () => {
    const provider = await striking({ kind: 'huge' });
    const received = await sendRaw(provider, 1, { leaveAfterMs: 100, readNothing: true });
    expect(received.error).toBe(null);
    await eventually(
      () => provider.entries(),
      ([entry]) => entry?.aborted === true,
    );
  });
});

describe('latency', () => {
  it('delays the answer of a message that is accepted at once', async () => {
    const provider = await RunningSimulator.start();
    await provider.behave({ latencyMs: { min: 150, max: 160 } });
    const answering = provider.send(1);
    await eventually(
      () => provider.summary(),
      ({ accepted, inFlight }) => accepted === 1 && inFlight === 1,
    );
    expect((await answering).status).toBe(200);
    const [entry] = await provider.entries();
    const took = (entry?.respondedAt ?? 0) - (entry?.at ?? 0);
    expect(took).toBeGreaterThanOrEqual(149);
  });

  it('answers nobody who has left', async () => {
    const provider = await RunningSimulator.start();
    await provider.behave({ latencyMs: 150 });
    await expect(provider.send(1, { signal: AbortSignal.timeout(30) })).rejects.toThrow();
    await sleep(200);
    expect(await provider.entries()).toMatchObject([
      { accepted: true, outcome: 'ok', respondedAt: null, aborted: true },
    ]);
  });

  it('counts how many requests were under way at once', async () => {
    const provider = await RunningSimulator.start();
    await provider.behave({ latencyMs: 100 });
    await Promise.all([1, 2, 3, 4, 5].map((id) => provider.send(id)));
    expect(await provider.summary()).toMatchObject({ inFlight: 0, maxInFlight: 5 });
  });
});

describe('a request that breaks off in its body', () => {
  it('is journaled as incomplete and left', async () => {
    const provider = await RunningSimulator.start();
    await sendRaw(provider, 1, { bodyBytes: 10, leaveAfterMs: 50 });
    const entries = await eventually(
      () => provider.entries(),
      (found) => found.length === 1,
    );
    expect(entries).toMatchObject([
      { messageId: 1, phone: null, text: null, accepted: false, outcome: 'incomplete', aborted: true },
    ]);
    expect(await provider.summary()).toMatchObject({ inFlight: 0 });
  });
});
