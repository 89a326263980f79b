import { expect, test } from 'vitest';
import { problem } from '../../test/fake-herald.ts';
import { AT, runCli, withHerald } from '../../test/run-cli.ts';

const parked = (id: number) => ({
  ...{ id, model: 'stats', fold: 'lane-0', position: 40 + id, subject: 'events.1.message.x.1.outcome' },
  ...{ type: 'OutcomesRecorded', error: 'a sum\ndoes not fit', parkedAt: AT, text: '{"type":"x"}' },
});
const LIST = 'GET /admin/parked-events';

test('parked events are shown, all pages of them', async () => {
  const herald = await withHerald({
    [LIST]: ({ query }) =>
      query.cursor === 'next'
        ? { body: { items: [parked(2)] } }
        : { body: { items: [parked(1)], nextCursor: 'next' } },
  });
  const run = await runCli(['parked', 'list'], herald);
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(/^1 +stats +lane-0 +41 +OutcomesRecorded +\S+ \S+ +a sum does not fit$/m);
  expect(run.stdout).toMatch(/^2 /m);
  const one = await runCli(['parked', 'show', '2'], herald);
  expect(one.stdout).toContain('{"type":"x"}');
  const asDocument = await runCli(['parked', 'show', '2', '--json'], herald);
  expect(asDocument.documents()).toEqual([{ ...parked(2), id: '2' }]);
  expect((await runCli(['parked', 'show', '3'], herald)).code).toBe(1);
});

test('none is told as none', async () => {
  const herald = await withHerald({ [LIST]: [{ body: { items: [] } }] });
  expect((await runCli(['parked', 'list'], herald)).stdout).toBe('No event is parked.\n');
  const all = await runCli(['parked', 'redrive', '--all'], herald);
  expect(all).toMatchObject({ code: 0, stdout: 'No event is parked.\n' });
});

test('a list that is not whole says so, and is code 3', async () => {
  const herald = await withHerald({
    [LIST]: [{ body: { items: [], nextCursor: null, unavailable: ['directory'] } }],
  });
  const run = await runCli(['parked', 'list'], herald);
  expect(run).toMatchObject({ code: 3, stdout: 'No event is parked by those that answered.\n' });
  expect(run.stderr).toBe('No answer of: directory.\n');
  expect((await runCli(['parked', 'redrive', '--all'], herald)).code).toBe(3);
});

test('one that is refused holds up no other when all are redriven', async () => {
  const gone = problem(404, 'parked-event-not-found', 'There is no such parked event');
  const herald = await withHerald({
    [LIST]: [{ body: { items: [parked(1), parked(2), parked(3)] } }],
    'POST /admin/parked-events/1/redrive': [{ status: 202 }],
    'POST /admin/parked-events/2/redrive': [gone],
    'POST /admin/parked-events/3/redrive': [{ status: 202, body: { id: 3 } }],
  });
  const run = await runCli(['parked', 'redrive', '--all', '--json'], herald);
  expect(run.code).toBe(1);
  expect(run.documents()).toMatchObject([
    { redriven: ['1', '3'], failed: [{ id: '2', error: { code: 'parked-event-not-found' } }] },
  ]);
  expect((await runCli(['parked', 'redrive', '1'], herald)).code).toBe(0);
  expect((await runCli(['parked', 'redrive', '2'], herald)).code).toBe(1);
});

test('one that still cannot be folded is code 1', async () => {
  const herald = await withHerald({
    'POST /admin/parked-events/stats.lane-0.7/redrive': [
      { status: 202, body: { outcome: 'parked', error: 'it is still wrong' } },
    ],
  });
  const run = await runCli(['parked', 'redrive', 'stats.lane-0.7'], herald);
  expect(run.code).toBe(1);
  expect(run.stderr).toBe('stats.lane-0.7 cannot be folded yet either: it is still wrong\n');
});

test.each([[['parked', 'redrive']], [['parked', 'redrive', '1', '--all']]])(
  '%j is wrong use',
  async (args) => {
    expect((await runCli(args)).code).toBe(2);
  },
);
