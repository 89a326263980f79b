import { expect, it } from 'vitest';
import { seededRandom } from './random.ts';

it('draws the same from the same seed, within its bounds', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return {
      numbers: Array.from({ length: 50 }, () => random.between(3, 7)),
      order: random.shuffled([1, 2, 3]),
    };
  };
  expect(draw(17)).toEqual(draw(17));
  expect(new Set(draw(17).numbers)).toEqual(new Set([3, 4, 5, 6, 7]));
  expect([...draw(17).order].sort()).toEqual([1, 2, 3]);
});
