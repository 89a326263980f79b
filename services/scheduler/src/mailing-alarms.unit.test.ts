import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MailingAlarms } from './mailing-alarms.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const HOUR_MS = 3_600_000;

let rung: number[];
let alarms: MailingAlarms;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  rung = [];
  alarms = new MailingAlarms(() => rung.push(Date.now() - NOW));
});
afterEach(() => {
  vi.useRealTimers();
});

const running = (endsInMs: number) => ({
  status: 'running' as const,
  startAt: new Date(NOW).toISOString(),
  endAt: new Date(NOW + endsInMs).toISOString(),
});

test('what is older than what is known changes nothing, also where it comes last', () => {
  alarms.set('a', running(HOUR_MS), 2);
  alarms.set('a', running(300), 3);
  alarms.set('a', running(HOUR_MS), 2);
  vi.advanceTimersByTime(HOUR_MS);
  expect(rung).toStrictEqual([300]);
});

test('the same said twice, and what is newer, counts', () => {
  alarms.set('a', running(300), 3);
  alarms.set('a', running(300), 3);
  alarms.set('a', running(200), 4);
  vi.advanceTimersByTime(HOUR_MS);
  expect(rung).toStrictEqual([200]);
});

test('a mailing that is over rings no more and is forgotten', () => {
  alarms.set('a', running(300), 3);
  alarms.set('a', { ...running(300), status: 'deleted' }, 4);
  expect(alarms.size).toBe(0);
  vi.advanceTimersByTime(HOUR_MS);
  expect(rung).toStrictEqual([]);
});
