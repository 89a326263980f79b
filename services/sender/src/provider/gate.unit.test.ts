import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer } from './answer.ts';
import { type Admission, Gate } from './gate.ts';

const SENT: Answer = { kind: 'sent', statusCode: 200 };
const REFUSED: Answer = { kind: 'refused', statusCode: 503, error: 'status 503' };
const REJECTED: Answer = { kind: 'token-rejected', statusCode: 401 };
const throttled = (pauseMs: number): Answer => ({
  kind: 'throttled',
  statusCode: 429,
  error: 'status 429',
  pauseMs,
});

let breaker: Admission;
let changes: number;
let told: boolean[];
let gate: Gate;

beforeEach(() => {
  vi.useFakeTimers();
  breaker = 'open';
  changes = 0;
  told = [];
  gate = new Gate({
    breaker: () => breaker,
    tokenProbeMs: 5_000,
    onChange: () => {
      changes += 1;
    },
    onToken: (rejected) => told.push(rejected),
    now: () => Date.now(),
  });
});

afterEach(() => {
  gate.close();
  vi.useRealTimers();
});

test('admits what the breaker admits', () => {
  for (const admission of ['open', 'one', 'none'] as const) {
    breaker = admission;
    expect(gate.admission).toBe(admission);
  }
});

test('a 429 closes it for the time asked for, and tells when that is over', () => {
  gate.leave(gate.enter(), throttled(1_000));
  expect(gate.admission).toBe('none');
  vi.advanceTimersByTime(999);
  expect([gate.admission, changes]).toEqual(['none', 0]);
  vi.advanceTimersByTime(1);
  expect([gate.admission, changes]).toEqual(['open', 1]);
});

test('the longest of several pauses holds', () => {
  gate.leave(gate.enter(), throttled(3_000));
  gate.leave(gate.enter(), throttled(1_000));
  vi.advanceTimersByTime(2_999);
  expect(gate.admission).toBe('none');
  vi.advanceTimersByTime(1);
  expect(gate.admission).toBe('open');
});

test('a rejected token closes it, and lets one call through every five seconds', () => {
  const [first, second] = [gate.enter(), gate.enter()];
  gate.leave(first, REJECTED);
  gate.leave(second, REJECTED);
  expect([gate.admission, gate.tokenRejected]).toEqual(['none', true]);
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(5_000);
  expect([gate.admission, changes]).toEqual(['one', 1]);
  const probe = gate.enter();
  expect(gate.admission).toBe('none');
  gate.leave(probe, REJECTED);
  expect(gate.admission).toBe('none');
  expect(told).toEqual([true, true]);
  vi.advanceTimersByTime(5_000);
  gate.leave(gate.enter(), SENT);
  expect([gate.admission, gate.tokenRejected]).toEqual(['open', false]);
  expect(told).toEqual([true, true, false]);
  expect(changes).toBe(3);
});

test('only a call that began after the trouble can prove that it is over', () => {
  const [early, late] = [gate.enter(), gate.enter()];
  gate.leave(early, REJECTED);
  gate.leave(late, SENT);
  expect(gate.tokenRejected).toBe(true);
});

test('a probe that did not get an answer about the token tries again later', () => {
  gate.leave(gate.enter(), REJECTED);
  for (const answer of [REFUSED, null]) {
    vi.advanceTimersByTime(5_000);
    expect(gate.admission).toBe('one');
    gate.leave(gate.enter(), answer);
    expect(gate.admission).toBe('none');
  }
});

test('a token that may be tried does not open what the breaker or a pause keeps closed', () => {
  gate.leave(gate.enter(), REJECTED);
  vi.advanceTimersByTime(5_000);
  breaker = 'none';
  expect(gate.admission).toBe('none');
});
