import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { type FakeAnswer, problem } from '../../test/fake-herald.ts';
import { MAILING, runCli, someCounts, someMailing, someStatistics, withHerald } from '../../test/run-cli.ts';

const STATS = `GET /mailings/${MAILING}/stats`;
const STREAM = `GET /mailings/${MAILING}/stream`;
const SHOW = `GET /mailings/${MAILING}`;

const running = someStatistics({ counts: someCounts({ queued: 40, sent: 60 }) });
const over = someStatistics({ status: 'completed', counts: someCounts({ sent: 100 }) });

/** A stream of these statistics, that then ends. */
const streamOf = (...events: ReadonlyArray<readonly [id: number, stats: object]>): FakeAnswer => ({
  raw: (response: ServerResponse) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(': heartbeat\n\n');
    for (const [id, stats] of events) {
      response.write(`event: stats\r\nid: ${id}\r\ndata: ${JSON.stringify(stats)}\r\n\r\n`);
    }
    response.end('event: other\ndata: {}\n\n');
  },
});

test('it follows the stream to the end of the mailing', async () => {
  const herald = await withHerald({
    [SHOW]: [{ body: someMailing() }],
    [STATS]: [{ body: running }],
    [STREAM]: [streamOf([1, running], [2, over])],
  });
  const run = await runCli(['mailing', 'watch', MAILING, '--json'], herald);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.documents().at(-1)).toEqual(over);
  expect(herald.requests.filter(({ path }) => path.endsWith('/stats'))).toHaveLength(1);
  expect(herald.requests.at(-1)?.headers.accept).toBe('text/event-stream');
});

test('a stream that ends is gone on with at its last event', async () => {
  const herald = await withHerald({
    [SHOW]: [{ body: someMailing() }],
    [STATS]: [{ body: running }],
    [STREAM]: [
      streamOf([7, running]),
      problem(503, 'overloaded', 'The gateway has too much to do'),
      streamOf([8, over]),
    ],
  });
  const run = await runCli(['mailing', 'watch', MAILING], herald);
  expect(run.code).toBe(0);
  const streams = herald.requests.filter(({ path }) => path.endsWith('/stream'));
  expect(streams.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '7', '7']);
}, 20_000);

test('where there is no stream the statistics are asked for', async () => {
  const herald = await withHerald({
    [SHOW]: [{ body: someMailing() }],
    [STATS]: [
      { body: running },
      problem(503, 'service-unavailable', 'A service does not answer'),
      { body: running },
      { body: over },
    ],
  });
  const run = await runCli(['mailing', 'watch', MAILING], herald);
  expect(run).toMatchObject({ code: 0 });
  expect(run.stderr).toBe('Autumn: ends 2026-11-23 10:00:00Z\n');
  expect(run.stdout).toContain('Autumn   completed      100       0   100');
  expect(herald.requests.filter(({ path }) => path.endsWith('/stream'))).toHaveLength(1);
}, 20_000);

test('a mailing that ended without an audience is over, and one whose messages still end is not', async () => {
  const nobody = someStatistics({ status: 'expired', audienceResolved: false, planned: 0 });
  const still = { ...nobody, counts: someCounts({ queued: 0 }) };
  const herald = await withHerald({
    [SHOW]: [
      { body: someMailing({ status: 'expired' }) },
      { body: someMailing({ status: 'expired', settledAt: null }) },
      { body: someMailing({ status: 'expired', settledAt: '2026-11-23T10:00:00.000Z' }) },
    ],
    [STATS]: [{ body: still }],
  });
  const run = await runCli(['mailing', 'watch', MAILING, '--json'], herald);
  expect(run.code).toBe(0);
  expect(herald.requests.filter(({ path }) => path.endsWith('/stats'))).toHaveLength(2);
}, 20_000);

test('a mailing that does not exist is refused', async () => {
  const gone = problem(404, 'mailing-not-found', 'There is no such mailing');
  const herald = await withHerald({ [SHOW]: [gone], [STATS]: [gone] });
  const run = await runCli(['mailing', 'watch', MAILING], herald);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('mailing-not-found');
});
