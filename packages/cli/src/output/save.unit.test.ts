import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problem } from '../../test/fake-herald.ts';
import { MAILING, runCli, withFolder, withHerald } from '../../test/run-cli.ts';

const LINES = 'phone,timezone\r\n79161234567,UTC\r\n'.repeat(10_000);
const whole = { body: LINES, headers: { 'Content-Type': 'text/csv' } };

test('an export goes to standard output byte by byte, and with nothing beside it', async () => {
  const herald = await withHerald({ 'GET /clients/export': [whole] });
  const args = ['clients', 'export', '--tag', 'vip', '--operator-code', '916'];
  const run = await runCli(args, herald);
  expect(run).toMatchObject({ code: 0, stdout: LINES, stderr: '' });
  expect(herald.requests).toMatchObject([{ query: { format: 'csv', tag: 'vip', operatorCode: '916' } }]);
});

test.each([
  [['clients', 'export', '--format', 'ndjson'], 'GET /clients/export', { format: 'ndjson' }],
  [
    ['mailing', 'export', MAILING, '--status', 'failed'],
    `GET /mailings/${MAILING}/messages/export`,
    { format: 'csv', status: 'failed' },
  ],
  [['mailing', 'proof', MAILING], `GET /mailings/${MAILING}/deadline-proof`, {}],
])('%j saves a file', async (args, route, query) => {
  const herald = await withHerald({ [route]: [whole] });
  const folder = await withFolder();
  const run = await runCli([...args, '-o', 'out.csv', '--json'], { ...herald, directory: folder });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.documents()).toEqual([{ file: 'out.csv', bytes: LINES.length, lines: 20_000 }]);
  expect(await readFile(join(folder, 'out.csv'), 'utf8')).toBe(LINES);
  expect(herald.requests[0]?.query).toEqual(query);
  expect(await readdir(folder)).toEqual(['out.csv']);
});

test('an export that breaks off leaves what was there, and is code 3', async () => {
  const brokenOff = {
    raw: (response: ServerResponse) => {
      response.writeHead(200, { 'Content-Type': 'text/csv' });
      response.write(LINES, () => response.destroy());
    },
  };
  const herald = await withHerald({ 'GET /clients/export': [brokenOff] });
  const folder = await withFolder();
  const toFile = await runCli(['clients', 'export', '-o', 'out.csv'], { ...herald, directory: folder });
  expect(toFile.code).toBe(3);
  expect(toFile.stderr).toContain('was lost');
  expect(await readdir(folder)).toEqual([]);
  await writeFile(join(folder, 'out.csv'), 'of yesterday');
  await runCli(['clients', 'export', '-o', 'out.csv'], { ...herald, directory: folder });
  expect(await readdir(folder)).toEqual(['out.csv']);
  expect(await readFile(join(folder, 'out.csv'), 'utf8')).toBe('of yesterday');
  expect((await runCli(['clients', 'export'], herald)).code).toBe(3);
});

test('a refused export leaves no file', async () => {
  const herald = await withHerald({
    [`GET /mailings/${MAILING}/messages/export`]: [
      problem(404, 'mailing-not-found', 'There is no such mailing'),
    ],
  });
  const folder = await withFolder();
  const run = await runCli(['mailing', 'export', MAILING, '-o', 'out.csv'], { ...herald, directory: folder });
  expect(run.code).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('documents and an export do not share standard output', async () => {
  const run = await runCli(['clients', 'export', '--json']);
  expect(run.code).toBe(2);
  expect(run.documents()).toMatchObject([{ error: { code: 'wrong-use' } }]);
});

test('a file that cannot be written is wrong use', async () => {
  const herald = await withHerald({ 'GET /clients/export': [whole] });
  const run = await runCli(['clients', 'export', '-o', '/nowhere/out.csv'], herald);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain('/nowhere/out.csv cannot be written');
});
