import { describe, expect, it } from 'vitest';
import { SlidingWindow } from './sliding-window.ts';

describe('the rate limit', () => {
  it('never admits more than its number in any second, also across the edge of one', () => {
    const window = new SlidingWindow(3);
    const times = [900, 950, 990, 1_000, 1_500, 1_899, 1_900, 1_901, 1_950, 1_990, 1_991];
    expect(times.filter((time) => window.admits(time))).toEqual([900, 950, 990, 1_900, 1_950, 1_990]);
  });

  it('does not count what it refused', () => {
    const window = new SlidingWindow(1);
    expect([0, 500, 999, 1_000].map((time) => window.admits(time))).toEqual([true, false, false, true]);
  });
});
