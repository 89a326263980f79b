import { expect, test } from 'vitest';
import { natsEnvironment } from './environment.ts';

test.each([
  [1, '1'],
  [2, '1'],
  [3, '1'],
  [8, '4'],
])('a server on a machine with %i processors uses %s of them', (processors, expected) => {
  expect(natsEnvironment({ PATH: '/bin' }, processors)).toStrictEqual({ GOMAXPROCS: expected, PATH: '/bin' });
});

test('a number of processors that was set is left', () => {
  expect(natsEnvironment({ GOMAXPROCS: '3' }, 8).GOMAXPROCS).toBe('3');
});
