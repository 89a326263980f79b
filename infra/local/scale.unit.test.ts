import { expect, test } from 'vitest';
import { readScale } from './scale.ts';

test('whatever is not named runs once', () => {
  expect(readScale(['sender=3', 'stats=0'])).toEqual({
    mailing: 1,
    scheduler: 1,
    sender: 3,
    stats: 0,
    gateway: 1,
  });
});

test.each(['sender', 'sender=', 'sender=-1', 'sender=65', 'sender=1.5', 'postgres=2', 'sender=1=2', ''])(
  'refuses "%s"',
  (arg) => {
    expect(() => readScale([arg])).toThrow('--scale takes <service>=<0 to 64>');
  },
);
