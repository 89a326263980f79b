import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { runProgram } from '@herald/testkit';
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

test('a folder is wrong use, and nothing is left beside it', async () => {
  const herald = await withHerald({ 'GET /clients/export': [whole] });
  const folder = await withFolder();
  await mkdir(join(folder, 'out'));
  const run = await runCli(['clients', 'export', '-o', 'out'], { ...herald, directory: folder });
  expect(run).toMatchObject({ code: 2, stderr: 'herald: out cannot be written: it is a folder.\n' });
  expect(await readdir(folder)).toEqual(['out']);
});

test('a file keeps who may read it, and a link leads where it led', async () => {
  const herald = await withHerald({ 'GET /clients/export': [whole] });
  const folder = await withFolder();
  await writeFile(join(folder, 'out.csv'), 'of yesterday', { mode: 0o600 });
  await symlink('out.csv', join(folder, 'latest.csv'));
  const run = await runCli(['clients', 'export', '-o', 'latest.csv'], { ...herald, directory: folder });
  expect(run.code).toBe(0);
  expect((await lstat(join(folder, 'latest.csv'))).isSymbolicLink()).toBe(true);
  expect(await readFile(join(folder, 'out.csv'), 'utf8')).toBe(LINES);
  expect((await stat(join(folder, 'out.csv'))).mode & 0o777).toBe(0o600);
});

test('what is no file is written to, and nothing takes its place', async () => {
  const herald = await withHerald({ 'GET /clients/export': [whole] });
  const folder = await withFolder();
  const pipe = join(folder, 'pipe');
  expect((await runProgram('mkfifo', [pipe], { environment: process.env })).code).toBe(0);
  const [run, reader] = await Promise.all([
    runCli(['clients', 'export', '-o', pipe], herald),
    runProgram('cat', [pipe], { environment: process.env }),
  ]);
  expect(run.code).toBe(0);
  expect(reader.stdout).toBe(LINES);
  expect((await stat(pipe)).isFIFO()).toBe(true);
  expect(await readdir(folder)).toEqual(['pipe']);
});
