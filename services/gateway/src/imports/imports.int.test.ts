import { type CommandOutcome, deriveId, newId } from '@herald/contracts';
import { createRuntime } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { CSV, csvOf, useImports } from '../../test/use-imports.ts';
import { startGateway } from '../app.ts';
import { fingerprintOf } from '../commands/fingerprint.ts';
import { gatewayConfig } from '../config.ts';
import type { ImportState } from '../schemas/import-result.ts';

const bed = useImports();
const { harness, importCsv } = bed;

interface Upload {
  readonly answer: Promise<Response>;
  send(text: string): Promise<void>;
  end(): Promise<void>;
  breakOff(): void;
}

/** An import whose file comes as the test sends it. */
function upload(headers: Record<string, string>, query = ''): Upload {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const leaving = new AbortController();
  const answer = fetch(`${harness.url}/api/v1/clients/import${query}`, {
    method: 'POST',
    headers: { ...CSV, ...headers },
    body: readable,
    duplex: 'half',
    signal: leaving.signal,
  });
  // Whoever breaks it off knows.
  answer.catch(() => {});
  return {
    answer,
    send: (text) => writer.write(Buffer.from(text)),
    end: () => writer.close(),
    breakOff: () => leaving.abort(),
  };
}

const get = (id: string) => harness.call('GET', `/imports/${id}`);
const commandOf = (key: string): string => deriveId('command', key);

test('an import tells where it is found, and is found there with all that its answer said', async () => {
  const answer = await importCsv(`${csvOf(600)}123,UTC\n`, {}, '?onDuplicate=update');
  const { id, ...result } = answer.body;
  expect(answer.headers.get('location')).toBe(`/api/v1/imports/${id}`);
  const state = await get(id);
  expect(state).toMatchObject({
    status: 200,
    body: {
      id,
      ...result,
      state: 'completed',
      onDuplicate: 'update',
      dryRun: false,
      rejectedOmitted: 0,
      startedAt: expect.stringMatching(/Z$/),
      endedAt: expect.stringMatching(/Z$/),
    },
  });
  expect(result).toMatchObject({ received: 601, registered: 600, rejected: 1, errors: [{ line: 602 }] });
});

test('an import that runs is told of at any gateway, with what has become of it so far', async () => {
  const runtime = await createRuntime({
    service: 'gateway',
    instance: 'gateway-2',
    natsUrl: harness.nats.url,
    logLevel: 'silent',
  });
  try {
    const { port } = await startGateway(runtime, gatewayConfig.parse({ HOST: '127.0.0.1', PORT: 0 }));
    const key = newId();
    const id = commandOf(key);
    const file = upload({ 'Idempotency-Key': key });
    await file.send(`${csvOf(1_100)}123,UTC\n`);
    const told = async () =>
      (await (await fetch(`http://127.0.0.1:${port}/api/v1/imports/${id}`)).json()) as ImportState;
    await eventually(async () => (await told()).registered === 1_000, { message: 'two chunks are told of' });
    expect(await told()).toMatchObject({
      state: 'running',
      received: 1_101,
      registered: 1_000,
      rejected: 1,
      endedAt: null,
      errors: [{ line: 1_102 }],
    });
    // Also while nobody else could say.
    bed.imports.isAway = true;
    expect(await told()).toMatchObject({ state: 'running' });
    bed.imports.isAway = false;
    await file.end();
    expect((await file.answer).status).toBe(200);
    expect(await told()).toMatchObject({ state: 'completed', registered: 1_100 });
  } finally {
    await runtime.stop();
  }
});

test('an import that broke off is told as interrupted, and its repeat under the same key completes it', async () => {
  const key = newId();
  const id = commandOf(key);
  const file = upload({ 'Idempotency-Key': key });
  const whole = `${csvOf(1_100)}123,UTC\n`;
  await file.send(whole.slice(0, -1_000));
  await eventually(async () => (await get(id)).body.registered === 1_000, {
    message: 'two chunks are told of',
  });
  const { startedAt } = (await get(id)).body;
  file.breakOff();
  const interrupted = await eventually(async () => {
    const { body } = await get(id);
    return body.state === 'interrupted' && body;
  });
  expect(interrupted).toMatchObject({ received: 1_000, registered: 1_000, endedAt: null, startedAt });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const answer = await importCsv(whole, { 'Idempotency-Key': key });
  expect(answer).toMatchObject({ status: 200, body: { id, registered: 1_100, rejected: 1 } });
  expect((await get(id)).body).toMatchObject({ state: 'completed', received: 1_101, startedAt });
  // Whoever carries out the last chunk first tells the same.
  expect(harness.mailing.received.at(-1)).toMatchObject({ data: { startedAt } });
});

test('there is no import under the id of nothing, of another call, and none under what is no id', async () => {
  for (const path of ['', '/rejected']) {
    expect(await harness.call('GET', `/imports/${newId()}${path}`)).toMatchObject({
      status: 404,
      body: { code: 'import-not-found' },
    });
    expect(await harness.call('GET', `/imports/1${path}`)).toMatchObject({
      status: 422,
      body: { errors: [{ path: '/id' }] },
    });
  }
  harness.mailing.play = () => null;
  const call = await harness.call('POST', '/clients', { phone: '79161234567', timezone: 'UTC' });
  expect(call.status).toBe(202);
  expect((await get(call.body.id)).status).toBe(404);
});

test('a header row alone is an import of nobody, and one all the same', async () => {
  const { body } = await importCsv('phone,timezone\n');
  expect(body).toMatchObject({ received: 0, registered: 0, rejected: 0 });
  expect((await get(body.id)).body).toMatchObject({ state: 'completed', received: 0, errors: [] });
});

test('an import that was ended for its bad lines is stopped, with all of them to be had', async () => {
  const answer = await importCsv(`phone,timezone\n${'1,UTC\n'.repeat(3_000)}`);
  const { importId, code } = answer.body;
  expect([answer.status, code]).toEqual([422, 'import-too-many-errors']);
  expect(answer.headers.get('location')).toBe(`/api/v1/imports/${importId}`);
  const state = await get(importId);
  expect(state.body).toMatchObject({
    state: 'stopped',
    received: 1_001,
    rejected: 1_001,
    rejectedOmitted: 0,
  });
  const { body } = await harness.call('GET', `/imports/${importId}/rejected`);
  expect(body.split('\r\n')).toHaveLength(1_003);
});

test('an import that came too slowly is interrupted', async () => {
  const file = upload({});
  await file.send(csvOf(600));
  const answer = await file.answer;
  expect(answer.status).toBe(408);
  const { importId } = (await answer.json()) as { importId: string };
  expect(answer.headers.get('location')).toBe(`/api/v1/imports/${importId}`);
  expect((await get(importId)).body).toMatchObject({ state: 'interrupted', registered: 500 });
});

test('what was accepted while the mailing service was away runs until it is carried out', async () => {
  harness.mailing.play = () => null;
  const { status, body } = await importCsv(`${csvOf(600)}123,UTC\n`);
  expect(status).toBe(202);
  expect((await get(body.id)).body).toMatchObject({
    state: 'running',
    received: 601,
    registered: 0,
    onDuplicate: 'reject',
    endedAt: null,
  });
  bed.imports.isAway = true;
  expect(await get(body.id)).toMatchObject({ status: 503, body: { code: 'service-unavailable' } });
});

test('an import costs no message more than its chunks and its two notes', async () => {
  const { streams } = harness.others.broker.manager;
  const before = (await streams.info('COMMANDS')).state.last_seq;
  const good = csvOf(2_000).trimEnd().split('\n');
  // A few bad lines in each chunk cost none.
  const body = good.flatMap((line, index) => (index % 100 === 50 ? [line, 'bad'] : [line])).join('\n');
  expect(await importCsv(body)).toMatchObject({ body: { registered: 2_000, rejected: 20 } });
  expect((await streams.info('COMMANDS')).state.last_seq - before).toBe(4 + 2);
});

test('a dry run says so to whoever carries it out and to whoever asks, and its key is none of the import', async () => {
  const key = { 'Idempotency-Key': newId() };
  const tried = await importCsv(csvOf(10), key, '?dryRun=true');
  expect(tried).toMatchObject({ status: 200, body: { dryRun: true, registered: 10 } });
  expect(harness.mailing.received).toMatchObject([{ type: 'TryImport' }]);
  expect((await get(tried.body.id)).body).toMatchObject({ state: 'completed', dryRun: true });
  expect(await importCsv(csvOf(10), key, '?dryRun=true')).toMatchObject({ status: 200, body: tried.body });
  expect(await importCsv(csvOf(10), key)).toMatchObject({
    status: 422,
    body: { code: 'idempotency-key-reused' },
  });
  const real = await importCsv(csvOf(10), {}, '?dryRun=false');
  expect(real.body).not.toHaveProperty('dryRun');
});

test.each(['?dryRun', '?dryRun=1', '?dryRun=True'])('%s is refused', async (query) => {
  expect(await importCsv(csvOf(1), {}, query)).toMatchObject({
    status: 422,
    body: { code: 'validation-failed', errors: [{ path: '/dryRun' }] },
  });
});

test('an import of good lines is known by the key that it had in an earlier release', async () => {
  await importCsv(csvOf(2));
  const rows = bed.rowsReceived();
  const fingerprint = fingerprintOf({ onDuplicate: 'reject', rows, last: true });
  expect(harness.mailing.received).toMatchObject([{ fingerprint }]);
});

test('a mailing service of an earlier release refuses a dry run, and nothing of it counts as taken', async () => {
  harness.mailing.play = (): CommandOutcome => ({
    kind: 'refused',
    refusal: { code: 'command-malformed', reason: 'unknown command type "TryImport"' },
  });
  expect(await importCsv(csvOf(10), {}, '?dryRun=true')).toMatchObject({
    body: { registered: 0, rejected: 10 },
  });
});
