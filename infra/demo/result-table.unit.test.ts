import { expect, test } from 'vitest';
import { type DemoResult, formatCount, providerRows, renderResult, systemRows } from './result-table.ts';

const RESULT: DemoResult = {
  clients: 10_000,
  durationMs: 4_321,
  stats: {
    status: 'completed',
    audienceResolved: true,
    planned: 10_000,
    counts: { queued: 0, sent: 9_999, failed: 1, expired: 0, cancelled: 0, unknown: 0 },
    retries: 3,
    firstSentAt: '2026-01-01T00:00:00.000Z',
    lastSentAt: '2026-01-01T00:00:03.000Z',
  },
  provider: { requests: 10_003, distinctAccepted: 9_999, repeatedAccepted: 0 },
};

test('every status has its row, and the rate is that of the sending alone', () => {
  expect(systemRows(RESULT)).toEqual([
    ['clients', '10 000'],
    ['planned', '10 000'],
    ['queued', '0'],
    ['sent', '9 999'],
    ['failed', '1'],
    ['expired', '0'],
    ['cancelled', '0'],
    ['unknown', '0'],
    ['retries', '3'],
    ['duration', '4.3 s'],
    ['messages/s', '3 333'],
  ]);
});

test('a mailing that took no time, or sent nothing, has no rate', () => {
  const rateOf = (lastSentAt: string | null) =>
    systemRows({ ...RESULT, stats: { ...RESULT.stats, lastSentAt } }).at(-1);
  expect(rateOf(RESULT.stats.firstSentAt)).toEqual(['messages/s', '–']);
  expect(rateOf(null)).toEqual(['messages/s', '–']);
});

test("the provider's figures stand beside ours", () => {
  expect(providerRows(RESULT.provider)).toEqual([
    ['requests', '10 003'],
    ['distinct accepted', '9 999'],
    ['repeated', '0'],
  ]);
  expect(renderResult(RESULT)).toMatch(/clients +│ +10 000 │ requests +│ +10 003/);
});

test('numbers are grouped by thousands', () => {
  expect([0, 999, 1_000, 1_234_567.4].map(formatCount)).toEqual(['0', '999', '1 000', '1 234 567']);
});
