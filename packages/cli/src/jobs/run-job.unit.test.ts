import { join } from 'node:path';
import { startInTerminal } from '@herald/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { cutOff, problem, serveHerald } from '../../test/fake-herald.ts';
import { AT, MAILING, runCli, withHerald } from '../../test/run-cli.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const ID = 'a0a0a0a0-0000-4000-8000-000000000000';
const job = (changes: object = {}) => ({
  ...{ id: ID, kind: 'rebuild', state: 'folding', generation: 2, lanes: 1 },
  ...{ events: 10, total: 100, perSecond: 50, secondsLeft: 2, startedAt: AT, endedAt: null },
  ...{ differencesFound: 0, differences: [], error: null },
  ...changes,
});
const done = job({ state: 'done', events: 100, secondsLeft: 0, endedAt: '2026-11-23T10:00:04.000Z' });
const JOB = 'GET /admin/stats/rebuild';
const ORDER = 'POST /admin/stats/rebuild';

test('a rebuild is ordered, followed to its end, and told', async () => {
  const herald = await withHerald({
    [ORDER]: [{ status: 202, body: job() }],
    [JOB]: [{ body: job({ state: 'comparing', events: 100 }) }, { body: done }],
  });
  const run = await runCli(['stats', 'rebuild', '--lanes', '16'], herald);
  expect(run.code).toBe(0);
  expect(run.stdout).toBe(
    [
      ...['rebuild      done', 'events       100', 'took         4 s'],
      ...['generation   2', 'lanes        1', 'differences  none', ''],
    ].join('\n'),
  );
  expect(herald.requests[0]).toMatchObject({ query: { lanes: '16' }, body: '' });
  expect(run.stderr).toBe('A rebuild with 1 lanes runs already: this one is waited for.\n');
});

test('with --json the last document is the job as it ended', async () => {
  const herald = await withHerald({ [ORDER]: [{ status: 202, body: job() }], [JOB]: [{ body: done }] });
  const run = await runCli(['stats', 'rebuild', '--json'], herald);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.documents().at(-1)).toEqual(done);
  expect(herald.requests[0]?.body).toBe('');
});

test('it outlasts a Herald that is away: 503, cut connections, a job that is not listed yet', async () => {
  const herald = await withHerald({
    [ORDER]: [
      problem(503, 'service-unavailable', 'A service does not answer'),
      cutOff,
      { status: 202, body: job() },
    ],
    [JOB]: [
      problem(404, 'admin-job-not-found', 'There is no such job'),
      cutOff,
      problem(503, 'broker-unavailable', 'The broker is not reachable'),
      { body: job({ id: 'another-one', state: 'done' }) },
      { body: job() },
      { body: done },
    ],
  });
  const run = await runCli(['stats', 'rebuild', '--json'], herald);
  expect(run.code).toBe(0);
  expect(run.documents().at(-1)).toEqual(done);
}, 30_000);

test('differences are code 1, and are told by mailing and column', async () => {
  const differences = [{ mailing: MAILING, column: 'sent', live: 41, rebuilt: 42 }];
  const found = { ...done, kind: 'verify', differencesFound: 3, differences };
  const herald = await withHerald({
    'POST /admin/stats/verify': [{ status: 202, body: job({ kind: 'verify' }) }],
    [JOB]: [{ body: found }],
  });
  const run = await runCli(['stats', 'verify'], herald);
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('differences  3');
  expect(run.stdout).toContain(`${MAILING}  sent      41       42`);
  expect(run.stdout).toContain('… and 2 more');
});

test('a job that failed is code 1, and says why', async () => {
  const failed = job({ state: 'failed', endedAt: AT, error: 'the disk is full' });
  const herald = await withHerald({ [ORDER]: [{ status: 202, body: failed }] });
  const run = await runCli(['stats', 'rebuild'], herald);
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('failed: the disk is full');
});

test('while another kind of job runs it is refused', async () => {
  const running = problem(409, 'admin-job-running', 'Another job runs', { detail: 'A verify runs.' });
  const herald = await withHerald({ [ORDER]: [running] });
  const run = await runCli(['stats', 'rebuild'], herald);
  expect(run.code).toBe(1);
  expect(run.stderr).toBe('herald: Another job runs: A verify runs (admin-job-running).\n');
});

test('nobody has to wait for it', async () => {
  const herald = await withHerald({
    [ORDER]: [{ status: 202, body: job() }],
    'POST /admin/directory/rebuild': [{ status: 202, body: job({ kind: 'directory' }) }],
  });
  for (const noun of ['stats', 'directory']) {
    const run = await runCli([noun, 'rebuild', '--no-wait', '--json'], herald);
    expect(run.code).toBe(0);
    expect(run.documents()).toMatchObject([{ id: ID, state: 'folding' }]);
  }
  expect(herald.requests).toHaveLength(2);
});

test('after an answer nobody at the address is waited for, too', async () => {
  const url = await freeAddress();
  const first = await serveHerald(
    { [ORDER]: [problem(503, 'service-unavailable', 'A service is away')] },
    url,
  );
  const terminal = await startInTerminal(process.execPath, [MAIN, 'stats', 'rebuild'], {
    environment: { PATH: process.env.PATH, HERALD_URL: url },
  });
  await terminal.until(/A service is away\. Trying again/);
  await first.close();
  await terminal.until(/nobody listens there\. Trying again/);
  const second = await serveHerald({ [ORDER]: [{ status: 202, body: done }] }, url);
  onTestFinished(() => second.close());
  expect(await terminal.exited).toBe(0);
}, 20_000);

/** Where nobody listens now. */
async function freeAddress(): Promise<string> {
  const { url, close } = await serveHerald({});
  await close();
  return url;
}

test('nobody at the address is told at once', async () => {
  expect((await runCli(['stats', 'rebuild'])).code).toBe(3);
});

test('the directory is rebuilt likewise, without a generation', async () => {
  const { generation: _, lanes: __, ...bare } = job();
  const differences = [{ entity: 'plan 7', column: 'batches', live: null, rebuilt: '4' }];
  const herald = await withHerald({
    'POST /admin/directory/rebuild': [{ status: 202, body: bare }],
    'GET /admin/directory/rebuild': [
      { body: { ...bare, state: 'done', endedAt: AT, differences, differencesFound: 1 } },
    ],
  });
  const run = await runCli(['directory', 'rebuild'], herald);
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('rebuild      done\nevents       10\ntook         0 s\ndifferences  1\n');
  expect(run.stdout).toContain('plan 7  batches  null        4\n');
});

test('one can go back to a generation', async () => {
  const herald = await withHerald({
    'POST /admin/stats/generations/1/use': [{ status: 202, body: job({ kind: 'use' }) }],
    [JOB]: [{ body: { ...done, kind: 'use', generation: 1 } }],
  });
  const run = await runCli(['stats', 'use', '1'], herald);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('use          done');
});

test('at Ctrl-C it says that the job goes on', async () => {
  const herald = await withHerald({ [ORDER]: [{ status: 202, body: job() }], [JOB]: [{ body: job() }] });
  const terminal = await startInTerminal(process.execPath, [MAIN, 'stats', 'rebuild'], {
    environment: { PATH: process.env.PATH, HERALD_URL: herald.url },
  });
  await terminal.until(/10\/100 events/);
  terminal.type('\u0003');
  expect(await terminal.exited).toBe(130);
  await terminal.until(/Stopped/);
  expect(terminal.output()).toContain('The rebuild goes on by itself; the same command joins it.');
});
