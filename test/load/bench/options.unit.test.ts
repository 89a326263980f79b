import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const NAMES = ['delivery', 'fanout'];

test('takes the full sizes, all scenarios and no file unless told', () => {
  expect(readOptions([], NAMES)).toMatchObject({
    rounds: 3,
    messages: 100_000,
    scenarios: [],
    quick: false,
    json: undefined,
  });
});

test('lets a size that is named win over those of --quick', () => {
  const options = readOptions(['fanout', 'delivery', '--quick', '--messages', '50', '--json', 'out'], NAMES);
  expect(options).toMatchObject({
    messages: 50,
    scenarios: ['fanout', 'delivery'],
    quick: true,
    json: 'out',
  });
  expect(options.clients).toBeLessThan(100_000);
});
