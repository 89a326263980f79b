import { type CommandOutcome, commandSubjects, deriveId, newId } from '@herald/contracts';
import { expect, test } from 'vitest';
import { csvOf, useImports } from '../../../test/use-imports.ts';

const { harness, importCsv, commandsInStream } = useImports();

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
  expect(note?.string().length).toBeLessThan(200);
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
