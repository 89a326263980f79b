import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AlarmClock } from './alarm-clock.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const DAY_MS = 24 * 60 * 60 * 1_000;

let rung: Array<{ key: string; at: number }>;
let clock: AlarmClock;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  rung = [];
  clock = new AlarmClock((key) => rung.push({ key, at: Date.now() - NOW }));
});
afterEach(() => {
  vi.useRealTimers();
});

const set = (key: string, milliseconds: number): void => clock.set(key, new Date(NOW + milliseconds));

test('an alarm rings once, at its moment and not before', () => {
  set('a', 1_000);
  vi.advanceTimersByTime(999);
  expect(rung).toStrictEqual([]);
  vi.advanceTimersByTime(1);
  expect(rung).toStrictEqual([{ key: 'a', at: 1_000 }]);
  expect(clock.size).toBe(0);
  vi.advanceTimersByTime(DAY_MS);
  expect(rung).toHaveLength(1);
});

test.each([24.8, 24.9, 25, 60, 365])('an alarm %d days ahead rings exactly then', (days) => {
  const wait = Math.round(days * DAY_MS);
  set('a', wait);
  vi.advanceTimersByTime(wait - 1);
  expect(rung).toStrictEqual([]);
  expect(clock.size).toBe(1);
  vi.advanceTimersByTime(1);
  expect(rung).toStrictEqual([{ key: 'a', at: wait }]);
});

test('a moment that has passed rings at once, but not within the call', () => {
  set('a', -DAY_MS);
  expect(rung).toStrictEqual([]);
  vi.advanceTimersByTime(0);
  expect(rung).toMatchObject([{ key: 'a' }]);
});

test('an alarm that is set again rings at the new moment alone', () => {
  set('a', 1_000);
  set('a', 5_000);
  expect(clock.size).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(rung).toStrictEqual([{ key: 'a', at: 5_000 }]);
});

test('an alarm of many days can be moved and taken away while it is under way', () => {
  set('moved', 100 * DAY_MS);
  set('cleared', 100 * DAY_MS);
  vi.advanceTimersByTime(30 * DAY_MS);
  set('moved', 31 * DAY_MS);
  clock.clear('cleared');
  vi.advanceTimersByTime(200 * DAY_MS);
  expect(rung).toStrictEqual([{ key: 'moved', at: 31 * DAY_MS }]);
});

test('alarms of several keys leave each other alone', () => {
  set('a', 2_000);
  set('b', 1_000);
  set('c', 3_000);
  clock.clear('c');
  clock.clear('never set');
  vi.advanceTimersByTime(10_000);
  expect(rung.map(({ key }) => key)).toStrictEqual(['b', 'a']);
});

test('nothing rings any more after all were taken away', () => {
  set('a', 1_000);
  set('b', 50 * DAY_MS);
  clock.clearAll();
  expect([clock.size, vi.getTimerCount()]).toStrictEqual([0, 0]);
});

test('an alarm may be set again while it rings', () => {
  const again = new AlarmClock((key) => {
    rung.push({ key, at: Date.now() - NOW });
    if (rung.length < 3) again.set(key, new Date(Date.now() + 100));
  });
  again.set('a', new Date(NOW + 100));
  vi.advanceTimersByTime(1_000);
  expect(rung.map(({ at }) => at)).toStrictEqual([100, 200, 300]);
});
