import { expect, test } from 'vitest';
import { drawProgress } from './progress-line.ts';

test('what is known stands in the line: share, count, rate, time left, note', () => {
  const state = { done: 1_800, total: 3_000, unit: 'messages', note: 'running' };
  expect(drawProgress({ ...state, perSecond: 420, millisecondsLeft: 2_857 }, 120)).toBe(
    '██████████████░░░░░░░░░░  60 % | 1 800/3 000 messages | 420/s | 3 s left | running',
  );
});

test('there is no bar where nobody knows the end', () => {
  expect(drawProgress({ done: 7, total: null, unit: 'events' }, 120)).toBe('7 events');
});

test('it says 100 % only when all is done', () => {
  const line = (done: number) => drawProgress({ done, total: 1_000_000, unit: 'events' }, 120);
  expect(line(999_999)).toContain(' 99 %');
  expect(line(1_000_000)).toContain('100 %');
});

test('lines are counted where the end is known in bytes', () => {
  const line = drawProgress({ done: 50, total: 100, unit: 'lines', counted: 7 }, 120);
  expect(line).toBe('████████████░░░░░░░░░░░░  50 % | 7 lines');
});

test('it fits into the terminal', () => {
  expect(drawProgress({ done: 1, total: 2, unit: 'messages', note: 'x'.repeat(100) }, 40)).toHaveLength(40);
});

test('a narrow terminal keeps the figures, and does with a shorter bar or none', () => {
  const state = { done: 1_800, total: 3_000, unit: 'messages', perSecond: 420, millisecondsLeft: 2_857 };
  expect(drawProgress({ ...state, note: 'running' }, 79)).toBe(
    '███████░░░░░  60 % | 1 800/3 000 messages | 420/s | 3 s left | running',
  );
  expect(drawProgress(state, 40)).toBe('███░░░  60 % | 1 800/3 000 messages | 4…');
  expect(drawProgress(state, 29)).toBe('60 % | 1 800/3 000 messages …');
});
