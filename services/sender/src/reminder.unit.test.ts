import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reminder } from './reminder.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('says trouble at once, every minute while it lasts, and not any more when it is over', () => {
  const reminder = new Reminder();
  let said = 0;
  const say = (): void => {
    said += 1;
  };
  reminder.begin(say);
  reminder.begin(say);
  expect(said).toBe(1);
  vi.advanceTimersByTime(180_000);
  expect(said).toBe(4);
  expect(reminder.end()).toBe(true);
  vi.advanceTimersByTime(180_000);
  expect(said).toBe(4);
});

test('trouble that comes again is said again, and without any nothing is over', () => {
  const reminder = new Reminder();
  expect(reminder.end()).toBe(false);
  let said = 0;
  for (let time = 0; time < 2; time += 1) {
    reminder.begin(() => {
      said += 1;
    });
    reminder.end();
  }
  expect(said).toBe(2);
});
