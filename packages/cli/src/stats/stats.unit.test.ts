import { expect, test } from 'vitest';
import { problem } from '../../test/fake-herald.ts';
import { AT, MAILING, runCli, someCounts, someStatistics, withHerald } from '../../test/run-cli.ts';

test('generations are shown, and dropped by their number', async () => {
  const items = [
    {
      ...{ generation: 2, isServed: true, state: 'served', lanes: 16, origin: 'rebuild' },
      ...{ createdAt: AT, servedAt: AT, position: 1_234, bytes: 2_500_000 },
    },
    {
      ...{ generation: 1, isServed: false, state: 'kept', lanes: 1, origin: 'first' },
      ...{ createdAt: AT, servedAt: null, position: null, bytes: null },
    },
  ];
  const herald = await withHerald({
    'GET /admin/stats/generations': [{ body: { items } }],
    'DELETE /admin/stats/generations/1': [{ status: 204 }],
    'DELETE /admin/stats/generations/2': [
      problem(409, 'generation-served', 'The generation is served', { detail: 'Use another one first.' }),
    ],
  });
  const shown = await runCli(['stats', 'generations'], herald);
  expect(shown.stdout).toContain(
    '         2  served     16      1234  2.5 MB  2026-11-23 10:00:00Z  2026-11-23 10:00:00Z  rebuild',
  );
  const documents = await runCli(['stats', 'generations', '--json'], herald);
  expect(documents.documents()).toEqual([{ items }]);
  const dropped = await runCli(['stats', 'drop', '1', '--json'], herald);
  expect(dropped.documents()).toEqual([{ generation: 1, dropped: true }]);
  const refused = await runCli(['stats', 'drop', '2'], herald);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('Use another one first (generation-served).');
  expect((await runCli(['stats', 'drop', 'two'], herald)).code).toBe(2);
});

test('statistics of a past moment, taken apart', async () => {
  const breakdown = [
    { value: 'vip', planned: 60, counts: someCounts({ sent: 60 }) },
    { value: null, planned: 40, counts: someCounts({ failed: 40 }) },
  ];
  const found = someStatistics({ breakdown, ratePerSecond: 17.4, expectedEndAt: AT });
  const herald = await withHerald({ [`GET /mailings/${MAILING}/stats`]: [{ body: found }] });
  const args = ['stats', 'show', MAILING, '--at', AT, '--by', 'tag'];
  const run = await runCli(args, herald);
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(/^TAG +PLANNED/m);
  expect(run.stdout).toMatch(/^vip +60 +0 +60/m);
  expect(run.stdout).toMatch(/^– +40 +0 +0 +40/m);
  expect(run.stdout).toContain('messages/s    17');
  expect((await runCli([...args, '--json'], herald)).documents()).toEqual([found]);
  expect(herald.requests[0]?.query).toEqual({ at: AT, by: 'tag' });
});

test('the overview takes a past moment, too, and is not taken apart', async () => {
  const totals = { planned: 0, ...someCounts({}) };
  const herald = await withHerald({
    'GET /stats': [{ body: { items: [], totals, nextCursor: null, asOf: AT } }],
  });
  const before = Date.now();
  expect((await runCli(['stats', 'show', '--at', '-2h'], herald)).code).toBe(0);
  const asked = Date.parse(herald.requests[0]?.query.at ?? '');
  expect(asked).toBeGreaterThanOrEqual(before - 7_200_000);
  expect(asked).toBeLessThanOrEqual(Date.now() - 7_200_000);
  expect((await runCli(['stats', 'show', '--by', 'tag'], herald)).code).toBe(2);
});
