import { expect, test } from 'vitest';
import { RecentCount } from './recent-count.ts';

test('counts a tenth of a second, and remembers the one before', () => {
  const count = new RecentCount();
  for (const at of [1_000, 1_010, 1_099]) count.add(at);
  expect(count.read(1_099)).toBe(3);
  count.add(1_100);
  expect([count.read(1_150), count.read(1_250), count.read(1_300)]).toEqual([3, 1, 0]);
});
