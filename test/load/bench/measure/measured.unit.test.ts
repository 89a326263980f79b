import { expect, test } from 'vitest';
import { interleave, type Step } from './measured.ts';

test('takes the steps in turn, every second round backwards, and keeps what each round came to', async () => {
  const taken: string[] = [];
  const step =
    (name: string): Step =>
    async (round) => {
      taken.push(`${name}${round}`);
      return { [name]: { value: round, unit: 'x/s' } };
    };
  const collected = await interleave(3, [step('loop'), step('delivery')]);
  expect(taken).toEqual(['loop1', 'delivery1', 'delivery2', 'loop2', 'loop3', 'delivery3']);
  expect(collected.get('delivery')?.map(({ value }) => value)).toEqual([1, 2, 3]);
});
