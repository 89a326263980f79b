import { expect, test } from 'vitest';
import { climb, firstStep, type RampOutcome } from './ramp.ts';

/** What comes of these answers, in order: true is a healthy one. */
function after(answers: readonly boolean[], full = 64): { limits: number[]; end: RampOutcome } {
  const limits: number[] = [];
  let ramp: RampOutcome = firstStep;
  for (const healthy of answers) {
    if (typeof ramp === 'string') break;
    ramp = climb(ramp, healthy, full);
    if (typeof ramp !== 'string' && ramp.limit !== limits.at(-1)) limits.push(ramp.limit);
  }
  return { limits, end: ramp };
}

test('doubles with as many answers as a step admits, up to all slots', () => {
  expect(after(Array(62).fill(true))).toEqual({ limits: [2, 4, 8, 16, 32], end: 'full' });
  expect(after(Array(61).fill(true)).end).toMatchObject({ limit: 32, answers: 31 });
});

test('with few slots it is over soon', () => {
  expect(after([true, true], 1).end).toBe('full');
});

test('a provider that is not back after all costs two calls', () => {
  expect(after([false, false]).end).toBe('relapsed');
});

test('half of a step may fail, as with the closed breaker, and more may not', () => {
  const fourIn = [true, true, false, false];
  expect(after([...fourIn, true, true]).end).toMatchObject({ limit: 8 });
  expect(after([...fourIn, false]).end).toBe('relapsed');
});

test('a step ends as soon as more than half of it has failed', () => {
  const upTo = (limit: number): boolean[] => Array(limit * 2 - 2).fill(true);
  expect(after([...upTo(16), ...Array(16).fill(false)]).end).toMatchObject({ limit: 32, unhealthy: 16 });
  expect(after([...upTo(16), ...Array(17).fill(false)]).end).toBe('relapsed');
});

test('a provider that fails one call of ten comes through', () => {
  // Every tenth answer, wherever it falls: a rule that gives up, or halves, at each of them would never arrive.
  for (let first = 0; first < 10; first += 1) {
    expect(after(Array.from({ length: 62 }, (_, index) => index % 10 !== first)).end).toBe('full');
  }
});
