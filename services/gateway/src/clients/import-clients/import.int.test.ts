import { type CommandOutcome, commandSubjects, deriveId, importQuery, newId } from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { carryOutAll } from '../../../test/entities.ts';
import { type Answer, type Harness, startHarness } from '../../../test/harness.ts';

const WAIT_MS = 700;
const CSV = { 'Content-Type': 'text/csv' };
const NDJSON = { 'Content-Type': 'application/x-ndjson' };

let nats: TestNats;
let harness: Harness;
let progress: { chunksDone: number; registered: number } = { chunksDone: 0, registered: 0 };
beforeAll(async () => {
  nats = await startTestNats();
  harness = await startHarness(
    nats.url,
    {
      COMMAND_WAIT_MS: WAIT_MS,
      QUERY_WAIT_MS: WAIT_MS,
      BODY_LIMIT_BYTES: 1_024,
    },
    { badLines: 1_000, importPace: { bytes: 1_000, ms: 1_500 } },
  );
  serveQuery(harness.others.broker, harness.others.log, importQuery, async () => ({
    chunksDone: progress.chunksDone,
    summary: { registered: progress.registered, updated: 0, rejected: 0, errors: [] },
  }));
  await harness.others.broker.connection.flush();
});
afterAll(async () => {
  await harness.stop();
  await nats.stop();
});
beforeEach(() => {
  harness.mailing.play = carryOutAll;
  harness.mailing.delayMs = 0;
  harness.mailing.hangs = false;
  harness.mailing.failures = 0;
  harness.mailing.received.length = 0;
});

const phoneOf = (index: number): string => `79${String(index).padStart(9, '0')}`;
const csvOf = (count: number, from = 0): string =>
  `phone,timezone\n${Array.from({ length: count }, (_, index) => `${phoneOf(from + index)},UTC\n`).join('')}`;

const importCsv = (body: string, headers: Record<string, string> = {}, query = ''): Promise<Answer> =>
  harness.call('POST', `/clients/import${query}`, body, { ...CSV, ...headers });

const rowsReceived = () =>
  harness.mailing.received.flatMap((command) => (command.type === 'ImportClients' ? command.data.rows : []));

const commandsInStream = async (): Promise<number> =>
  (await harness.others.broker.manager.streams.info('COMMANDS')).state.messages;

test('a file larger than a body may be becomes chunks of 500, each line once and in order', async () => {
  const answer = await importCsv(csvOf(1_234));
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toEqual({ received: 1_234, registered: 1_234, updated: 0, rejected: 0, errors: [] });
  const chunks = harness.mailing.received.map((command) =>
    command.type === 'ImportClients' ? command.data : null,
  );
  expect(chunks.map((chunk) => [chunk?.chunk, chunk?.rows.length])).toEqual([
    [0, 500],
    [1, 500],
    [2, 234],
  ]);
  expect(rowsReceived().map(({ phone, line }) => [phone, line])).toEqual(
    Array.from({ length: 1_234 }, (_, index) => [phoneOf(index), index + 2]),
  );
});

test('bad lines are told by number and stop nothing, whoever finds them', async () => {
  harness.mailing.play = (command): CommandOutcome => ({
    kind: 'imported',
    summary: {
      registered: command.type === 'ImportClients' ? command.data.rows.length - 1 : 0,
      updated: 0,
      rejected: 1,
      errors: [{ line: 3, message: 'the phone is taken' }],
    },
  });
  const body =
    '\ufeffphone,timezone,tag\n123,UTC,a\n79161234567,UTC,b\n79161234568,Mars,c\n79161234569,UTC,"d, e"\n';
  const answer = await importCsv(body, {}, '?onDuplicate=update');
  expect(answer.body).toMatchObject({ received: 4, registered: 1, updated: 0, rejected: 3 });
  expect(answer.body.errors.map(({ line }: { line: number }) => line)).toEqual([2, 3, 4]);
  expect(answer.body.errors[0].message).toContain('phone');
  expect(harness.mailing.received).toMatchObject([{ data: { onDuplicate: 'update' } }]);
});

test('of many errors the first hundred are told and all are counted', async () => {
  const answer = await harness.call('POST', '/clients/import', '{"phone":1}\n'.repeat(250), NDJSON);
  expect(answer.body).toMatchObject({ received: 250, registered: 0, rejected: 250 });
  expect(answer.body.errors).toHaveLength(100);
  expect(answer.body.errors.at(-1).line).toBe(100);
});

test('NDJSON that comes in pieces, in the middle of a character too', async () => {
  const bytes = Buffer.from(
    '{"phone":"79161234567","timezone":"UTC","tag":"приве́т 🎉"}\r\n{"phone":"79161234568","timezone":"UTC"}',
  );
  const pieces = [bytes.subarray(0, 47), bytes.subarray(47, 70), bytes.subarray(70)];
  const body = new ReadableStream({
    pull: async (controller) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  const response = await fetch(`${harness.url}/api/v1/clients/import`, {
    method: 'POST',
    headers: NDJSON,
    body,
    duplex: 'half',
  });
  expect(await response.json()).toMatchObject({ received: 2, registered: 2 });
  expect(rowsReceived()).toMatchObject([
    { line: 1, tag: 'приве́т 🎉' },
    { line: 2, phone: '79161234568' },
  ]);
});

test('a repeat under the same key sends the same commands and gets the same answer', async () => {
  const key = { 'Idempotency-Key': newId() };
  const first = await importCsv(csvOf(700), key);
  const again = await importCsv(csvOf(700), key);
  expect(again).toMatchObject({ status: 200, body: first.body });
  expect(harness.mailing.received).toHaveLength(2);
});

test.each([
  ['another file', () => csvOf(700, 1)],
  ['a longer file that begins the same', () => csvOf(701)],
  ['a longer file whose first chunk is the same and full', () => csvOf(1_200)],
  ['a much longer file', () => csvOf(5_000, 1)],
  ['a shorter file that begins the same', () => csvOf(500)],
])('a key that was used is refused for %s, and nothing of it accepted', async (_title, other) => {
  const key = { 'Idempotency-Key': newId() };
  await importCsv(csvOf(700), key);
  const before = await commandsInStream();
  const answer = await importCsv(other(), key);
  expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(await commandsInStream()).toBe(before);
});

test('a key is known by its stored results long after the stream has forgotten it', async () => {
  const key = newId();
  const commandId = deriveId(deriveId('command', key), 'chunk', '0');
  const outcome: CommandOutcome = {
    kind: 'imported',
    summary: { registered: 500, updated: 0, rejected: 0, errors: [] },
  };
  harness.mailing.results.set(commandId, { commandId, fingerprint: 'of another file', outcome });
  const before = await commandsInStream();
  const answer = await importCsv(csvOf(5_000), { 'Idempotency-Key': key });
  expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(await commandsInStream()).toBe(before);
});

test('a key of an import is refused for another call, and the other way round', async () => {
  const importKey = { 'Idempotency-Key': newId() };
  await importCsv(csvOf(1), importKey);
  const client = { phone: '79161234567', timezone: 'UTC' };
  const call = await harness.call('POST', '/clients', client, importKey);
  expect(call).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });

  const callKey = { 'Idempotency-Key': newId() };
  expect((await harness.call('POST', '/clients', client, callKey)).status).toBe(201);
  harness.mailing.received.length = 0;
  expect(await importCsv(csvOf(1), callKey)).toMatchObject({
    status: 422,
    body: { code: 'idempotency-key-reused' },
  });
  expect(harness.mailing.received).toHaveLength(0);
});

test('the key of an import whose notes are gone is known by its results', async () => {
  const key = newId();
  const commandId = deriveId(deriveId('command', key), 'chunk', '0');
  const outcome: CommandOutcome = {
    kind: 'imported',
    summary: { registered: 1, updated: 0, rejected: 0, errors: [] },
  };
  harness.mailing.results.set(commandId, { commandId, fingerprint: 'of the import', outcome });
  const before = await commandsInStream();
  const client = { phone: '79161234567', timezone: 'UTC' };
  const call = await harness.call('POST', '/clients', client, { 'Idempotency-Key': key });
  expect(call).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(await commandsInStream()).toBe(before);
});

test('imports leave one small note each, however often they are repeated and whatever was wrong in them', async () => {
  const key = newId();
  const { streams } = harness.others.broker.manager;
  const subject = commandSubjects.accepted(deriveId('command', key));
  for (let times = 0; times < 3; times += 1) {
    const answer = await importCsv(`${csvOf(1)}${'1,Mars\n'.repeat(150)}`, { 'Idempotency-Key': key });
    expect(answer).toMatchObject({ status: 200, body: { registered: 1, rejected: 150 } });
    expect(answer.body.errors).toHaveLength(100);
  }
  const { state } = await streams.info('COMMANDS', { subjects_filter: subject });
  expect(state.subjects).toEqual({ [subject]: 1 });
  const note = await streams.getMessage('COMMANDS', { last_by_subj: subject });
  expect(note?.string().length).toBeLessThan(100);
});

test('a key of a write that was answered 202 is refused for an import', async () => {
  const key = { 'Idempotency-Key': newId() };
  harness.mailing.play = () => null;
  expect(
    await harness.call('POST', '/clients', { phone: '79161234567', timezone: 'UTC' }, key),
  ).toMatchObject({ status: 202 });
  const before = await commandsInStream();
  expect(await importCsv(csvOf(1), key)).toMatchObject({
    status: 422,
    body: { code: 'idempotency-key-reused' },
  });
  expect(await commandsInStream()).toBe(before);
});

test('nothing is accepted under a key of which nobody can say whether another call had it', async () => {
  const key = { 'Idempotency-Key': newId() };
  const before = await commandsInStream();
  harness.mailing.failures = Number.POSITIVE_INFINITY;
  expect(await importCsv(csvOf(1), key)).toMatchObject({
    status: 503,
    body: { code: 'service-unavailable' },
  });
  harness.mailing.failures = 0;
  expect(await commandsInStream()).toBe(before);
  expect(await importCsv(csvOf(1), key)).toMatchObject({ status: 200, body: { registered: 1 } });
  // Its own note says whose the key is: nobody is asked any more.
  harness.mailing.hangs = true;
  harness.mailing.play = () => null;
  expect(await importCsv(csvOf(1), key)).toMatchObject({ status: 202 });
});

test('a file in UTF-16 may say so', async () => {
  for (const charset of ['utf-16', 'UTF-16LE', '"utf-16be"', 'utf-8']) {
    const answer = await importCsv(csvOf(1), { 'Content-Type': `text/csv; charset=${charset}` });
    expect(answer, charset).toMatchObject({ status: 200 });
  }
  const other = await importCsv(csvOf(1), { 'Content-Type': 'text/csv; charset=latin1' });
  expect(other).toMatchObject({ status: 415, body: { detail: 'Only UTF-8 or UTF-16 is taken.' } });
});

test('while the mailing service is away everything is accepted, and can be asked for', async () => {
  harness.mailing.play = () => null;
  const startedAt = performance.now();
  const answer = await importCsv(`${csvOf(6_000)}bad line\n`);
  expect(answer).toMatchObject({ status: 202, body: { status: 'accepted' } });
  // One wait for each of twelve chunks it would be otherwise.
  expect(performance.now() - startedAt).toBeLessThan(WAIT_MS * 9);
  const { id } = answer.body;
  expect(answer.headers.get('location')).toBe(`/api/v1/commands/${id}`);
  await eventually(() => harness.mailing.received.length === 12, {
    message: 'all twelve chunks are in the stream',
  });

  progress = { chunksDone: 3, registered: 1_500 };
  expect((await harness.call('GET', `/commands/${id}`)).body).toMatchObject({
    id,
    status: 'accepted',
    result: { received: 6_001, registered: 1_500, rejected: 1 },
  });
  progress = { chunksDone: 12, registered: 6_000 };
  expect((await harness.call('GET', `/commands/${id}`)).body).toMatchObject({
    status: 'done',
    result: {
      received: 6_001,
      registered: 6_000,
      rejected: 1,
      errors: [{ line: 6_002, message: expect.any(String) }],
    },
  });
});

test('a repeat meets a mailing service that hangs, and waits for it once, not for every chunk', async () => {
  const key = { 'Idempotency-Key': newId() };
  harness.mailing.play = () => null;
  expect(await importCsv(csvOf(6_000), key)).toMatchObject({ status: 202 });
  harness.mailing.hangs = true;
  const startedAt = performance.now();
  expect(await importCsv(csvOf(6_000), key)).toMatchObject({ status: 202 });
  expect(performance.now() - startedAt).toBeLessThan(WAIT_MS * 10);
});

test('a slow mailing service is waited for as long as results come', async () => {
  // Three rounds of eight chunks, each slower than a third of the patience: longer than the patience in all.
  harness.mailing.delayMs = WAIT_MS * 0.4;
  const answer = await importCsv(csvOf(500 * 20));
  expect(answer).toMatchObject({ status: 200, body: { registered: 10_000 } });
});

test('the results of the last chunks are waited for as long as they come', async () => {
  let turn = Promise.resolve();
  harness.mailing.play = (command) => {
    turn = turn.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS * 0.2));
      harness.mailing.announce(command, carryOutAll(command));
    });
    return null;
  };
  const answer = await importCsv(csvOf(500 * 8));
  expect(answer).toMatchObject({ status: 200, body: { registered: 4_000 } });
});

test.each([
  ['without a key', {}],
  ['under a new key', { 'Idempotency-Key': newId() }],
])('eight chunks are under way and never more, %s', async (_title, headers) => {
  const chunks = 30;
  const held: Array<Parameters<typeof carryOutAll>[0]> = [];
  let come = 0;
  let most = 0;
  const release = (): void => {
    for (const command of held.splice(0)) harness.mailing.announce(command, carryOutAll(command));
  };
  harness.mailing.play = (command) => {
    come += 1;
    most = Math.max(most, held.push(command));
    // Under a key nothing is sent beside the first. Later there is time for a ninth to come, if it would.
    if (come === 1 || held.length === 8 || come === chunks) setTimeout(release, 50);
    return null;
  };
  await importCsv(csvOf(500 * chunks), headers);
  expect(most).toBe(8);
});

test('a chunk with a phone of an earlier one waits for its result, and the others for none', async () => {
  const answered = new Set<number>();
  const answeredBefore = new Map<number, readonly number[]>();
  harness.mailing.play = (command) => {
    if (command.type !== 'ImportClients') return null;
    const { chunk } = command.data;
    answeredBefore.set(chunk, [...answered]);
    // The first chunk is answered when the two behind it are there, which share nothing with it.
    const mayAnswer = (): boolean => chunk !== 0 || answeredBefore.size >= 3;
    void eventually(mayAnswer, { timeoutMs: 5_000 }).then(() => {
      answered.add(chunk);
      harness.mailing.announce(command, carryOutAll(command));
    });
    return null;
  };
  const answer = await importCsv(`${csvOf(1_500)}${phoneOf(0)},Europe/Moscow\n`, {}, '?onDuplicate=update');
  expect(answer).toMatchObject({ status: 200, body: { received: 1_501 } });
  expect(answeredBefore.get(1)).not.toContain(0);
  expect(answeredBefore.get(2)).not.toContain(0);
  expect(answeredBefore.get(3)).toContain(0);
});

test('chunks whose results nobody waits for say what they are to be carried out after', async () => {
  harness.mailing.play = () => null;
  expect(await importCsv(csvOf(500 * 11))).toMatchObject({ status: 202 });
  await eventually(() => harness.mailing.received.length === 11);
  const after = harness.mailing.received.map((command) =>
    command.type === 'ImportClients' ? command.data.after?.toSorted((a, b) => a - b) : null,
  );
  const sideBySide = [0, 1, 2, 3, 4, 5, 6, 7];
  expect(after).toEqual([...sideBySide.map(() => undefined), sideBySide, [8], [9]]);
});

test('an upload that breaks off leaves what was published, and a repeat under its key completes it', async () => {
  const key = newId();
  const body = csvOf(1_300);
  const broken = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from(body.slice(0, body.length - 2_000))),
  });
  const leaving = new AbortController();
  const request = fetch(`${harness.url}/api/v1/clients/import`, {
    method: 'POST',
    headers: { ...CSV, 'Idempotency-Key': key },
    body: broken,
    duplex: 'half',
    signal: leaving.signal,
  });
  await eventually(() => harness.mailing.received.length === 2, { message: 'two chunks were published' });
  leaving.abort();
  await expect(request).rejects.toThrow();
  const answer = await importCsv(body, { 'Idempotency-Key': key });
  expect(answer).toMatchObject({ status: 200, body: { registered: 1_300 } });
  expect(harness.mailing.received.map(({ id }) => id)).toEqual(
    [0, 1, 2].map((chunk) => deriveId(deriveId('command', key), 'chunk', String(chunk))),
  );
});

test('an import of bad lines is ended, and says what of it was taken in', async () => {
  const body = `${csvOf(700)}${',\n'.repeat(5_000)}`;
  const answer = await importCsv(body);
  expect(answer).toMatchObject({
    status: 422,
    body: { code: 'import-too-many-errors', imported: { registered: 700, received: 1_701, rejected: 1_001 } },
  });
  expect(answer.body.detail).toContain('the rest was not read');
  expect(answer.body.imported.errors).toHaveLength(100);
  expect(rowsReceived()).toHaveLength(700);
});

test('many bad lines end nothing where the good ones are more', async () => {
  const good = csvOf(1_500).trimEnd().split('\n');
  const body = good
    .flatMap((line, index) => (index === 0 || index > 1_100 ? [line] : [line, ',']))
    .join('\n');
  expect(await importCsv(body)).toMatchObject({
    status: 200,
    body: { received: 2_600, registered: 1_500, rejected: 1_100 },
  });
});

test('an import that comes too slowly is ended, and its repeat under the same key completes it', async () => {
  const key = { 'Idempotency-Key': newId() };
  const body = csvOf(600);
  const standing = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from(body.slice(0, body.length - 20))),
  });
  const response = await fetch(`${harness.url}/api/v1/clients/import`, {
    method: 'POST',
    headers: { ...CSV, ...key },
    body: standing,
    duplex: 'half',
  });
  expect(response.status).toBe(408);
  expect(await response.json()).toMatchObject({
    code: 'request-timeout',
    imported: { registered: 500, received: 598 },
  });
  expect(await importCsv(body, key)).toMatchObject({ status: 200, body: { registered: 600 } });
});
