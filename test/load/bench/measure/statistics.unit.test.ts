import { describe, expect, it } from 'vitest';
import { median, percentile, ratiosOf, spreadOf } from './statistics.ts';

describe('the median', () => {
  it('is the middle value, in whatever order they come', () => {
    expect(median([3, 100, 1])).toBe(3);
    expect(median([7])).toBe(7);
  });

  it('lies between the two middle values of an even count', () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('sorts by size and not by spelling', () => {
    expect(median([9, 10, 100])).toBe(10);
  });

  it('is not to be had of nothing', () => {
    expect(() => median([])).toThrow('no median');
  });
});

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('is a value that was seen, by the nearest rank', () => {
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile(hundred, 100)).toBe(100);
    expect(percentile([5, 1, 9], 99)).toBe(9);
    expect(percentile([5, 1, 9], 1)).toBe(1);
  });

  it('is not to be had of nothing', () => {
    expect(() => percentile([], 50)).toThrow('no percentile');
  });
});

describe('the spread', () => {
  it('has the median and both ends', () => {
    expect(spreadOf([2, 8, 3])).toEqual({ median: 3, min: 2, max: 8 });
  });
});

describe('ratios', () => {
  it('compare a value with the reference of its own round', () => {
    expect(ratiosOf([10, 30], [20, 20])).toEqual([0.5, 1.5]);
  });

  it('leave a round out that has no reference, or one of 0', () => {
    expect(ratiosOf([10, 30, 5], [20, 0])).toEqual([0.5]);
  });
});
