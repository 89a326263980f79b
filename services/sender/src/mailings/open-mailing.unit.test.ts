import { someMailing } from '@herald/testkit';
import { expect, test } from 'vitest';
import { endOf, mayBeginUntil, openMailing } from './open-mailing.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const mailing = someMailing({ endAt: new Date(NOON + 600_000).toISOString() });
const until = (localWindow: { from: string; to: string } | null, now: number): number =>
  mayBeginUntil(openMailing({ ...mailing, localWindow }, 2, 1, endOf, 100), now) - NOON;

test('a call that is looked at now may begin until shortly before the end, whenever it gets a connection', () => {
  expect(until(null, NOON)).toBe(599_900);
});

test('with a window it may begin within the minute: with the next one the window may be closed', () => {
  const window = { from: '09:00', to: '21:00' };
  expect(until(window, NOON)).toBe(60_000);
  expect(until(window, NOON + 59_999)).toBe(60_000);
  expect(until(window, NOON + 580_000)).toBe(599_900);
});
