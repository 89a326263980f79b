import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cutOff, type FakeHerald, problem } from '../../test/fake-herald.ts';
import { runCli, withFolder, withHerald } from '../../test/run-cli.ts';

const IMPORT = '1b2c3d4e-0000-4000-8000-000000000000';
const CSV = 'phone,timezone\n79161234567,UTC\n79161234568,UTC\n';
const result = (changes: object = {}) => ({
  ...{ received: 2, registered: 2, updated: 0, rejected: 0, errors: [] },
  ...changes,
});

/** Without the looks at how far it is, of which there are more on a slow machine. */
const uploadsTo = ({ requests }: FakeHerald) => requests.filter(({ path }) => path === '/clients/import');

async function withFile(name = 'clients.csv', text = CSV): Promise<string> {
  const file = join(await withFolder(), name);
  await writeFile(file, text);
  return file;
}

test('a file is sent as it is, with what was asked for', async () => {
  const herald = await withHerald({ 'POST /clients/import': [{ body: result() }] });
  const file = await withFile();
  const run = await runCli(['clients', 'import', file, '--on-duplicate', 'update', '--json'], herald);
  expect(run.code).toBe(0);
  expect(run.documents()).toEqual([result()]);
  expect(uploadsTo(herald)).toMatchObject([
    { query: { onDuplicate: 'update' }, body: CSV, headers: { 'content-type': 'text/csv' } },
  ]);
});

test('it can be tried first, and the name says what it is', async () => {
  const herald = await withHerald({ 'POST /clients/import': [{ body: result() }] });
  const run = await runCli(['clients', 'import', await withFile('a.ndjson'), '--dry-run'], herald);
  expect(run.stdout).toContain('would be registered  2');
  expect(uploadsTo(herald)).toMatchObject([
    {
      query: { onDuplicate: 'reject', dryRun: 'true' },
      headers: { 'content-type': 'application/x-ndjson' },
    },
  ]);
});

test('standard input is a file, too', async () => {
  const herald = await withHerald({ 'POST /clients/import': [{ body: result() }] });
  const run = await runCli(['clients', 'import', '-'], { ...herald, input: CSV });
  expect(run.code).toBe(0);
  expect(uploadsTo(herald)).toMatchObject([{ body: CSV }]);
});

test('rejected lines are code 1; they are shown, and saved from where Herald keeps them', async () => {
  const errors = [{ line: 3, message: 'phone: must be 7 followed by ten digits' }];
  const rejected = 'line,reason,phone\r\n3,bad,123\r\n';
  const herald = await withHerald({
    'POST /clients/import': [{ body: result({ rejected: 1, errors, id: IMPORT }) }],
    [`GET /imports/${IMPORT}/rejected`]: [{ body: rejected, headers: { 'Content-Type': 'text/csv' } }],
  });
  const file = await withFile();
  const run = await runCli(['clients', 'import', file, '--rejected', `${file}.bad`], herald);
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('   3  phone: must be 7 followed by ten digits');
  expect(await readFile(`${file}.bad`, 'utf8')).toBe(rejected);
});

test('an import that was ended for its bad lines shows and saves them, and is refused', async () => {
  const imported = result({ rejected: 2, registered: 0, errors: [{ line: 2, message: 'phone: is bad' }] });
  const herald = await withHerald({
    'POST /clients/import': [
      problem(422, 'import-too-many-errors', 'Most lines of the import are bad', {
        importId: IMPORT,
        imported,
      }),
    ],
    [`GET /imports/${IMPORT}/rejected`]: [{ body: 'line,reason\r\n' }],
  });
  const file = await withFile();
  const run = await runCli(['clients', 'import', file, '--rejected', `${file}.bad`], herald);
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('   2  phone: is bad');
  expect(run.stderr).toContain('import-too-many-errors');
  expect(await readFile(`${file}.bad`, 'utf8')).toBe('line,reason\r\n');
});

test('an older Herald keeps only the first ones: they are saved, and it is said', async () => {
  const errors = [{ line: 3, message: 'a "bad" line' }];
  const herald = await withHerald({ 'POST /clients/import': [{ body: result({ rejected: 150, errors }) }] });
  const file = await withFile();
  const run = await runCli(['clients', 'import', file, '--rejected', `${file}.bad`], herald);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('has the first 1 of 150 rejected lines');
  expect(await readFile(`${file}.bad`, 'utf8')).toBe('line,message\r\n3,"a ""bad"" line"\r\n');
});

test('a file whose connection broke off is sent again under the same key', async () => {
  const herald = await withHerald({
    'POST /clients/import': [
      cutOff,
      problem(503, 'import-interrupted', 'The import was interrupted'),
      { body: result() },
    ],
  });
  const run = await runCli(['clients', 'import', await withFile(), '--json'], herald);
  expect(run.code).toBe(0);
  expect(run.documents().at(-1)).toEqual(result());
  expect(uploadsTo(herald).map(({ body }) => body)).toEqual([CSV, CSV, CSV]);
  expect(new Set(uploadsTo(herald).map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
}, 20_000);

test('a pipe cannot be read again: how to go on is said', async () => {
  const herald = await withHerald({ 'POST /clients/import': [cutOff] });
  const run = await runCli(['clients', 'import', '-', '--key', 'mine'], { ...herald, input: CSV });
  expect(run.code).toBe(3);
  expect(run.stderr).toContain('--key mine goes on, and does nothing twice');
  expect(uploadsTo(herald)).toHaveLength(1);
});

test('an import that is accepted is waited for', async () => {
  const herald = await withHerald({
    'POST /clients/import': [{ status: 202, body: { id: IMPORT, status: 'accepted' } }],
    [`GET /commands/${IMPORT}`]: [
      { body: { id: IMPORT, status: 'accepted' } },
      problem(503, 'service-unavailable', 'A service does not answer'),
      { body: { id: IMPORT, status: 'accepted', result: result({ registered: 1 }) } },
      { body: { id: IMPORT, status: 'done', result: result() } },
    ],
  });
  const run = await runCli(['clients', 'import', await withFile(), '--json'], herald);
  expect(run.code).toBe(0);
  expect(run.documents().at(-1)).toEqual({ id: IMPORT, ...result() });
}, 20_000);

test('a refusal that comes while the file is being sent is told at once, and nothing more is sent', async () => {
  const refused = problem(422, 'import-header-invalid', 'The header row does not fit', {
    errors: [{ path: '/phone', message: 'is missing' }],
  });
  const herald = await withHerald({});
  herald.answerAtOnce('POST /clients/import', refused);
  const big = await withFile('big.csv', 'a,b\n'.repeat(5_000_000));
  const run = await runCli(['clients', 'import', big], herald);
  expect(run.code).toBe(1);
  expect(run.stderr).toBe('herald: The header row does not fit: phone is missing (import-header-invalid).\n');
}, 20_000);

test('a file that is not there is wrong use', async () => {
  const run = await runCli(['clients', 'import', '/nowhere/clients.csv']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain('/nowhere/clients.csv cannot be read: there is no such file or folder.');
});
