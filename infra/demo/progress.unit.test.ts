import { expect, test } from 'vitest';
import type { Statistics } from './figures.ts';
import { createLines } from './progress.ts';

const sent = (count: number): Statistics => ({
  status: 'running',
  audienceResolved: true,
  planned: 10_000,
  counts: { queued: 10_000 - count, sent: count, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
  retries: 0,
  firstSentAt: null,
  lastSentAt: null,
});

test('says a line every two seconds, however often it is asked, with the rate since the last', () => {
  const said: string[] = [];
  let now = 0;
  const progress = createLines(
    (line) => said.push(line),
    10_000,
    () => now,
  );
  for (; now <= 4_250; now += 250) progress.show(sent(now));
  expect(said).toEqual([
    '  20% | 2 000/10 000 | 1 000 messages/s | running',
    '  40% | 4 000/10 000 | 1 000 messages/s | running',
  ]);
});
