import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { problem } from '../test/fake-herald.ts';
import { runCli, withHerald } from '../test/run-cli.ts';
import { readUrl } from './run.ts';

const page = { items: [], nextCursor: null, asOf: '2026-11-23T10:00:00.000Z' };

test('an address comes from --url, else from HERALD_URL, else it is this machine', () => {
  expect(readUrl('https://a.example/herald/api/v1/', { HERALD_URL: 'http://b' }).href).toBe(
    'https://a.example/herald',
  );
  expect(readUrl(undefined, { HERALD_URL: 'http://b:1' }).href).toBe('http://b:1/');
  expect(readUrl(undefined, { HERALD_URL: ' ' }).href).toBe('http://127.0.0.1:8000/');
  expect(() => readUrl('ftp://a', {})).toThrow(/--url must be/);
  expect(() => readUrl(undefined, { HERALD_URL: 'a b' })).toThrow(/HERALD_URL must be/);
});

test('options of the program may stand behind the command', async () => {
  const herald = await withHerald({ 'GET /clients': [{ body: page }] });
  const run = await runCli(['clients', 'list', '--url', herald.url, '--json']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.documents()).toEqual([page]);
});

test.each([
  ['no command', [], /^Usage: herald/],
  ['an unknown command', ['clinets'], /unknown command 'clinets'/],
  ['an unknown option', ['clients', 'list', '--all'], /unknown option '--all'/],
  ['an argument too much', ['clients', 'list', 'x'], /too many arguments/],
  ['a missing argument', ['mailing', 'show'], /missing required argument 'mailing'/],
  ['an argument that cannot be', ['mailing', 'show', 'x'], /^herald: 'x' is no <mailing>\. It must be an id/],
  ['a value that cannot be', ['mailing', 'list', '--status', 'lost'], /Allowed choices are scheduled/],
])('%s is wrong use', async (_, args, sentence) => {
  const run = await runCli(args);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toMatch(sentence);
  const asDocument = await runCli([...args, '--json']);
  expect(asDocument).toMatchObject({ code: 2, stderr: '' });
  expect(asDocument.documents()).toMatchObject([{ error: { code: 'wrong-use' } }]);
});

test('help is no failure', async () => {
  const run = await runCli(['mailing', 'create', '--help']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toMatch(/^Usage: herald mailing create/);
});

test('nobody at the address is code 3', async () => {
  const run = await runCli(['clients', 'list']);
  expect(run).toMatchObject({ code: 3, stdout: '' });
  expect(run.stderr).toBe('herald: Herald is not reachable at http://127.0.0.1:1: nobody listens there.\n');
  const asDocument = await runCli(['clients', 'list', '--json']);
  expect(asDocument.documents()).toMatchObject([{ error: { code: 'not-reachable' } }]);
});

test('Herald without a part of it is code 3, and so is something else at the address', async () => {
  const herald = await withHerald({
    'GET /clients': [problem(503, 'service-unavailable', 'A service does not answer')],
    'GET /mailings': [{ body: '<html>', headers: { 'Content-Type': 'text/html' } }],
    'GET /monitor': [{ body: { hello: 'world' } }],
  });
  const away = await runCli(['clients', 'list'], herald);
  expect(away).toMatchObject({ code: 3, stdout: '' });
  expect(away.stderr).toContain('cannot do it at the moment: A service does not answer.');
  for (const args of [['mailing', 'list'], ['monitor']]) {
    const foreign = await runCli(args, herald);
    expect(foreign.code).toBe(3);
    expect(foreign.stderr).toContain('is not this release of Herald');
  }
});

test('whoever speaks another protocol at the address is told as such', async () => {
  const server = createServer((socket) => socket.end('INFO {"server_id":"NATS"}\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const noHttp = await runCli(['monitor'], { url: `http://127.0.0.1:${port}` });
  expect(noHttp).toMatchObject({ code: 3, stdout: '' });
  expect(noHttp.stderr).toMatch(/^herald: What answers at \S+ is not Herald: it does not speak HTTP\.\n$/);
  const noTls = await runCli(['monitor'], { url: `https://127.0.0.1:${port}` });
  expect(noTls).toMatchObject({ code: 3, stdout: '' });
  expect(noTls.stderr).toMatch(/not reachable at \S+ TLS is not spoken there; http:\/\/ may be meant\.\n$/);
});

test('a problem without a code of Herald is one of somebody else', async () => {
  const herald = await withHerald({
    'GET /monitor': [{ status: 404, body: { title: 'Not Found', status: 404 } }],
  });
  const run = await runCli(['monitor'], herald);
  expect(run.code).toBe(3);
  expect(run.stderr).toContain('is not this release of Herald: it answers 404.');
});

test('a call that an older release does not know is told as such', async () => {
  const herald = await withHerald({});
  const run = await runCli(['stats', 'generations'], herald);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('may be of an older release');
});

test('texts of others steer no terminal', async () => {
  const client = {
    ...{ id: 'x', phone: '79161234567', operatorCode: '916', timezone: 'UTC', version: 1 },
    ...{ tag: 'a\u001b[2Jb', createdAt: page.asOf, updatedAt: page.asOf },
  };
  const herald = await withHerald({ 'GET /clients': [{ body: { ...page, items: [client] } }] });
  const run = await runCli(['clients', 'list'], herald);
  expect(run.stdout).toContain('a [2Jb');
});
