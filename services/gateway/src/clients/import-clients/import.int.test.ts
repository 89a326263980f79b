import { type CommandOutcome, deriveId, newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { CSV, csvOf, phoneOf, useImports } from '../../../test/use-imports.ts';

const NDJSON = { 'Content-Type': 'application/x-ndjson' };

const { harness, importCsv, rowsReceived } = useImports();

test('a file larger than a body may be becomes chunks of 500, each line once and in order', async () => {
  const answer = await importCsv(csvOf(1_234));
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toEqual({
    id: expect.any(String),
    received: 1_234,
    registered: 1_234,
    updated: 0,
    rejected: 0,
    errors: [],
  });
  expect(answer.headers.get('location')).toBe(`/api/v1/imports/${answer.body.id}`);
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

test('a file in UTF-16 may say so', async () => {
  for (const charset of ['utf-16', 'UTF-16LE', '"utf-16be"', 'utf-8']) {
    const answer = await importCsv(csvOf(1), { 'Content-Type': `text/csv; charset=${charset}` });
    expect(answer, charset).toMatchObject({ status: 200 });
  }
  const other = await importCsv(csvOf(1), { 'Content-Type': 'text/csv; charset=latin1' });
  expect(other).toMatchObject({ status: 415, body: { detail: 'Only UTF-8 or UTF-16 is taken.' } });
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
