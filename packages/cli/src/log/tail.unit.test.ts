import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually, startInTerminal, withoutControls } from '@herald/testkit';
import { expect, test } from 'vitest';
import { problem } from '../../test/fake-herald.ts';
import { AT, CLIENT, MAILING, runCli, someClient, withHerald } from '../../test/run-cli.ts';

const event = (position: number) => ({
  ...{ position, at: AT, type: 'MailingChanged', actor: 'local', correlationId: `c-${position}` },
  data: { version: position },
});
const MAIN = join(import.meta.dirname, '..', 'main.ts');
const EVENTS = `GET /mailings/${MAILING}/events`;

test('the last events of a mailing, in the order of the log', async () => {
  const herald = await withHerald({
    [EVENTS]: ({ query }) =>
      query.cursor === 'second'
        ? { body: { items: [event(3)], nextCursor: null } }
        : { body: { items: [event(1), event(2)], nextCursor: 'second' } },
  });
  const run = await runCli(['log', 'tail', '--mailing', MAILING, '-n', '2', '--json'], herald);
  expect(run.code).toBe(0);
  expect(run.documents()).toEqual([event(2), event(3), { events: 2, position: 3 }]);
  const shown = await runCli(['log', 'tail', '--mailing', MAILING], herald);
  expect(shown.stdout).toContain('       3  2026-11-23 10:00:00Z  MailingChanged  local  c-3  version 3\n');
});

test('what cannot be read is shown in its place, and hides nothing', async () => {
  const damaged = { ...event(2), type: null, data: null, unreadable: 'damaged' };
  const herald = await withHerald({ [EVENTS]: [{ body: { items: [event(1), damaged], nextCursor: null } }] });
  const run = await runCli(['log', 'tail', '--mailing', MAILING, '--json'], herald);
  expect(run.documents()).toEqual([event(1), damaged, { events: 2, position: 2 }]);
  const shown = await runCli(['log', 'tail', '--mailing', MAILING], herald);
  expect(shown.stdout).toContain('       2  2026-11-23 10:00:00Z  –  local  c-2  (unreadable: damaged)\n');
});

test('the events of a client by its phone, and those of a mailing as a list', async () => {
  const herald = await withHerald({
    'GET /clients': [{ body: { items: [someClient()], nextCursor: null } }],
    [`GET /clients/${CLIENT}/events`]: [{ body: { items: [event(1)], nextCursor: null } }],
    [EVENTS]: [{ body: { items: [event(7)], nextCursor: 'more' } }],
  });
  const run = await runCli(['log', 'tail', '--client', '79161234567', '--json'], herald);
  expect(run.documents()).toEqual([event(1), { events: 1, position: 1 }]);
  const list = await runCli(['mailing', 'events', MAILING, '--limit', '1', '--messages'], herald);
  expect(list.stdout).toMatch(/^ +7 +\S+ \S+ +MailingChanged +local +c-7 +version 7$/m);
  expect(list.stderr).toBe('There are more: --cursor more\n');
  expect(herald.requests.at(-1)?.query).toEqual({ limit: '1', messages: 'true' });
});

test('it goes on as events come, over a Herald that is away, until Ctrl-C', async () => {
  const herald = await withHerald({
    [EVENTS]: [
      { body: { items: [event(1)], nextCursor: null } },
      problem(503, 'service-unavailable', 'A service does not answer'),
      { body: { items: [event(1), event(2)], nextCursor: 'here' } },
      { body: { items: [], nextCursor: null } },
      { body: { items: [event(3)], nextCursor: null } },
    ],
  });
  const args = [MAIN, 'log', 'tail', '--mailing', MAILING, '--follow', '--json'];
  const child = spawn(process.execPath, args, { env: { ...process.env, HERALD_URL: herald.url } });
  let written = '';
  child.stdout.on('data', (chunk) => {
    written += chunk;
  });
  await eventually(() => written.includes('"c-3"'), { message: 'the third event is shown' });
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(130);
  const documents = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(documents).toEqual([event(1), event(2), event(3), { events: 3, position: 3 }]);
  expect(herald.requests.at(-1)?.query.cursor).toBe('here');
}, 30_000);

test('the log as a whole begins at its last events, and goes on behind them', async () => {
  const herald = await withHerald({
    'GET /log': ({ query }) => {
      if (query.last !== undefined) return { body: { items: [event(8), event(9)], nextCursor: null } };
      return { body: { items: query.after === '9' ? [event(10)] : [], nextCursor: null } };
    },
  });
  const terminal = await startInTerminal(process.execPath, [MAIN, 'log', 'tail', '-n', '2', '-f'], {
    environment: { PATH: process.env.PATH, HERALD_URL: herald.url },
  });
  await terminal.until(/c-10/);
  await eventually(() => herald.requests.some(({ query }) => query.after === '10'));
  terminal.type('\u0003');
  expect(await terminal.exited).toBe(130);
  const lines = withoutControls(terminal.output()).split('\n');
  expect(lines.slice(0, 3).map((line) => line.trim().split(' ')[0])).toEqual(['8', '9', '10']);
  expect(herald.requests[0]?.query).toEqual({ last: '2' });
});

test('a mailing and a client at once are wrong use', async () => {
  const run = await runCli(['log', 'tail', '--mailing', MAILING, '--client', CLIENT]);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain('--mailing excludes --client');
});

test('what cannot be read is shown as something that stands there', async () => {
  const damaged = { ...event(4), type: null, actor: null, correlationId: null, data: null };
  const herald = await withHerald({
    'GET /log': [{ body: { items: [{ ...damaged, unreadable: 'damaged' }], nextCursor: null } }],
  });
  const run = await runCli(['log', 'tail'], herald);
  expect(run).toMatchObject({
    code: 0,
    stdout: '       4  2026-11-23 10:00:00Z  –  –  –  (unreadable: damaged)\n',
  });
});
