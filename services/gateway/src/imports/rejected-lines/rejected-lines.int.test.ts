import { newId } from '@herald/contracts';
import { expect, test } from 'vitest';
import { csvOf, useImports } from '../../../test/use-imports.ts';

const bed = useImports({ keptBadLines: { lines: 1_200, bytes: 1_000_000 } });
const { harness, importCsv } = bed;

const rejectedOf = (id: string) => harness.call('GET', `/imports/${id}/rejected`);
const NDJSON = { 'Content-Type': 'application/x-ndjson' };

test('all rejected lines are a file, beyond the hundred that are told as errors', async () => {
  const good = csvOf(700).trimEnd().split('\n');
  const lines = good.flatMap((line, index) => (index === 0 ? [line] : [line, `${index},Mars`]));
  const { body } = await importCsv(lines.join('\n'));
  expect(body).toMatchObject({ registered: 700, rejected: 700, errors: { length: 100 } });
  const file = await rejectedOf(body.id);
  expect(file.status).toBe(200);
  expect(Object.fromEntries(file.headers)).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="import-${body.id}.rejected.csv"`,
    'x-content-type-options': 'nosniff',
  });
  const [header, ...rows] = file.body.trimEnd().split('\r\n');
  expect(header).toBe('line,reason,phone,timezone,operatorCode,tag,original');
  expect(rows.map((row: string) => /^(\d+),.*,(\d+),Mars,,,$/.exec(row)?.slice(1).map(Number))).toEqual(
    Array.from({ length: 700 }, (_, index) => [index * 2 + 3, index + 1]),
  );
});

test('the file of an NDJSON import is CSV too, and empty but for its header where nothing was rejected', async () => {
  const lines = [
    '{"phone":1,"timezone":"UTC","tag":"a, b"}',
    'no json',
    '{"phone":"79161234567","name":"x"}',
  ];
  const { body } = await harness.call('POST', '/clients/import', lines.join('\n'), NDJSON);
  const rows = (await rejectedOf(body.id)).body.split('\r\n').slice(1);
  expect(rows).toEqual([
    expect.stringMatching(/^1,.*,1,UTC,,"a, b",$/),
    '2,is not JSON,,,,,no json',
    expect.stringMatching(/^3,.*,,,,,"\{""phone"":""79161234567"",""name"":""x""\}"$/),
    '',
  ]);
  const clean = await importCsv(csvOf(1));
  expect((await rejectedOf(clean.body.id)).body).toBe(
    'line,reason,phone,timezone,operatorCode,tag,original\r\n',
  );
});

test('the file that was mended is imported, and a repeat under a key has the same file', async () => {
  const key = { 'Idempotency-Key': newId() };
  const text = 'phone,timezone,tag\n1,UTC,a\n79161234568,UTC,b\n79161234569,UTC,c,d\n';
  const first = await importCsv(text, key);
  const file = await rejectedOf(first.body.id);
  const again = await importCsv(text, key);
  expect(again.body).toEqual(first.body);
  expect((await rejectedOf(again.body.id)).body).toBe(file.body);
  harness.mailing.received.length = 0;
  const mended = file.body
    .replace(',1,UTC', ',79161234567,UTC')
    .replace(/^4,.*$/m, '4,,79161234569,UTC,,"c,d",');
  expect(await importCsv(mended)).toMatchObject({ body: { registered: 2, rejected: 0 } });
  expect(bed.rowsReceived()).toMatchObject([
    { phone: '79161234567', tag: 'a' },
    { phone: '79161234569', tag: 'c,d' },
  ]);
});

test('lines beyond the bound are counted, and it is told how many', async () => {
  const good = csvOf(2_000).trimEnd().split('\n');
  const lines = good.flatMap((line, index) => (index === 0 || index > 1_500 ? [line] : [line, 'bad']));
  const { body } = await importCsv(lines.join('\n'));
  expect(body).toMatchObject({ received: 3_500, registered: 2_000, rejected: 1_500 });
  expect((await harness.call('GET', `/imports/${body.id}`)).body).toMatchObject({
    state: 'completed',
    rejected: 1_500,
    rejectedOmitted: 300,
  });
  expect((await rejectedOf(body.id)).body.trimEnd().split('\r\n')).toHaveLength(1_201);
});

test('where nobody can give the lines nothing begins, and a file that breaks off does not look whole', async () => {
  const { body } = await importCsv(`phone,timezone\n${'1,UTC\n'.repeat(900)}`);
  bed.imports.isAway = true;
  expect(await rejectedOf(body.id)).toMatchObject({ status: 503, body: { code: 'service-unavailable' } });
  bed.imports.isAway = false;
  bed.imports.pages = 1;
  const response = await fetch(`${harness.url}/api/v1/imports/${body.id}/rejected`);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});
