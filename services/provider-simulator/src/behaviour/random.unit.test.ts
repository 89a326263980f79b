import { describe, expect, it } from 'vitest';
import { mulberry32, randomForAttempt } from './random.ts';

describe('the random source', () => {
  it('gives the published numbers of mulberry32 for a seed', () => {
    const random = mulberry32(1);
    expect([random(), random(), random()]).toEqual([
      0.6270739405881613, 0.002735721180215478, 0.5274470399599522,
    ]);
  });

  it('gives an attempt the same numbers whatever was drawn for others before', () => {
    const alone = randomForAttempt(7, 1_000, 1)();
    randomForAttempt(7, 999, 1)();
    expect(randomForAttempt(7, 1_000, 1)()).toBe(alone);
  });

  it('gives other numbers for another seed, message or attempt, also above 32 bits', () => {
    const drawn = [
      randomForAttempt(7, 1_000, 1)(),
      randomForAttempt(8, 1_000, 1)(),
      randomForAttempt(7, 1_001, 1)(),
      randomForAttempt(7, 1_000, 2)(),
      randomForAttempt(7, 1_000 + 2 ** 32, 1)(),
    ];
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('spreads the first numbers of neighbouring messages evenly', () => {
    const counts = new Array(10).fill(0);
    for (let id = 1; id <= 100_000; id += 1) counts[Math.floor(randomForAttempt(1, id, 1)() * 10)] += 1;
    // 10 000 expected in each, standard deviation 95.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(480);
  });
});
