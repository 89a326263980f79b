import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer } from './answer.ts';
import { type Admission, Gate } from './gate.ts';

const SENT: Answer = { kind: 'sent', statusCode: 200 };
const REFUSED: Answer = { kind: 'refused', statusCode: 503, error: 'status 503', pauseMs: null };
const REJECTED: Answer = { kind: 'rejected', statusCode: 401, error: 'status 401', counts: false };
const CUT_SHORT: Answer = { kind: 'lost', statusCode: null, error: 'the mailing ended', cutShort: true };
const throttled = (pauseMs: number): Answer => ({
  kind: 'throttled',
  statusCode: 429,
  error: 'status 429',
  pauseMs,
});
const ANY = Number.POSITIVE_INFINITY;

let breaker: Admission;
let mayCall: boolean;
let random: number;
let changes: number;
let relapses: number;
let told: boolean[];
let gate: Gate;

beforeEach(() => {
  vi.useFakeTimers();
  breaker = ANY;
  mayCall = true;
  random = 0;
  changes = 0;
  relapses = 0;
  told = [];
  gate = new Gate({
    breaker: () => breaker,
    onRelapse: () => {
      relapses += 1;
    },
    mayCall: () => mayCall,
    slots: 16,
    tokenProbeMs: 4_000,
    clocksDifferMs: 100,
    onChange: () => {
      changes += 1;
    },
    onToken: (rejected) => told.push(rejected),
    now: () => Date.now(),
    random: () => random,
  });
});

afterEach(() => {
  gate.close();
  vi.useRealTimers();
});

const enter = (messageId: number) => gate.enter({ messageId, startedAtMs: Date.now(), rejected: null });

function call(answer: Answer | null, times = 1): void {
  for (let each = 0; each < times; each += 1) gate.leave(enter(1), answer);
}

test('admits what the breaker admits', () => {
  for (const admission of [ANY, 1, 0]) {
    breaker = admission;
    expect([gate.admission, gate.mayBegin]).toEqual([admission, admission > 0]);
  }
});

test('admits nothing while this process must not call', () => {
  mayCall = false;
  expect([gate.admission, gate.mayBegin]).toEqual([0, false]);
});

test('counts the calls in flight against what is admitted', () => {
  breaker = 2;
  const passes = [enter(1), enter(1)];
  expect([gate.mayBegin, gate.inFlight]).toEqual([false, 2]);
  for (const pass of passes) gate.leave(pass, null);
  expect([gate.mayBegin, gate.inFlight]).toEqual([true, 0]);
});

test('calls that hang from before the trouble take no place from the one that tries', () => {
  const hanging = enter(1);
  gate.beginSlowly();
  breaker = 1;
  expect(gate.mayBegin).toBe(true);
  enter(1);
  expect([gate.mayBegin, gate.inFlight]).toEqual([false, 2]);
  gate.leave(hanging, SENT);
  expect([gate.mayBegin, gate.inFlight]).toEqual([false, 1]);
});

test('a 429 closes it for the time asked for, and tells when that is over', () => {
  call(throttled(1_000));
  expect(gate.admission).toBe(0);
  vi.advanceTimersByTime(999);
  expect([gate.admission, changes]).toEqual([0, 0]);
  vi.advanceTimersByTime(1);
  expect([gate.admission, changes]).toEqual([2, 1]);
});

test('a 503 that says for how long closes it as well', () => {
  call({ ...REFUSED, pauseMs: 1_000 });
  expect([gate.admission, gate.pauseLeftMs]).toEqual([0, 1_000]);
});

test('a pause is a little longer for some, and never shorter than asked for', () => {
  random = 1;
  call(throttled(4_000));
  expect(gate.pauseLeftMs).toBe(5_000);
  call(throttled(60_000));
  expect(gate.pauseLeftMs).toBe(62_000);
});

test('the longest of several pauses holds', () => {
  const [first, second] = [enter(1), enter(1)];
  gate.leave(first, throttled(3_000));
  gate.leave(second, throttled(1_000));
  vi.advanceTimersByTime(2_999);
  expect(gate.admission).toBe(0);
  vi.advanceTimersByTime(1);
  expect(gate.admission).toBe(2);
});

test('after trouble calls go up step by step, and each step is told', () => {
  gate.beginSlowly();
  const limits = [gate.admission];
  while (gate.admission < ANY) {
    call(SENT);
    if (gate.admission !== limits.at(-1)) limits.push(gate.admission);
  }
  expect(limits).toEqual([2, 4, 8, ANY]);
  expect(changes).toBe(3);
});

test('answers to calls from before the trouble, and calls that we cut short, move no step', () => {
  const early = [enter(1), enter(1), enter(1)];
  gate.beginSlowly();
  for (const pass of early) gate.leave(pass, REFUSED);
  call(CUT_SHORT, 10);
  call(null, 10);
  expect([gate.admission, relapses]).toEqual([2, 0]);
});

test('a provider that fails on the way up is given up again', () => {
  gate.beginSlowly();
  call(SENT, 2);
  call(REFUSED, 3);
  expect([gate.admission, relapses]).toEqual([2, 1]);
});

test('a 429 on the way up begins it anew after the pause', () => {
  gate.beginSlowly();
  call(SENT, 6);
  expect(gate.admission).toBe(8);
  call(throttled(1_000));
  vi.advanceTimersByTime(1_000);
  expect(gate.admission).toBe(2);
});

test('a 429 whose pause is ended by hand is followed by the slow start', () => {
  gate.resume();
  expect(changes).toBe(0);
  call(throttled(3_600_000));
  expect(gate.admission).toBe(0);
  gate.resume();
  expect([gate.admission, gate.pauseLeftMs, changes]).toEqual([2, 0, 1]);
  vi.advanceTimersByTime(3_600_000);
  expect(changes).toBe(1);
});

test('a rejected token closes it, one call tries, and when it is accepted calls go up step by step', () => {
  random = 0.5;
  call(REJECTED);
  expect([gate.admission, gate.tokenRejected, told]).toEqual([0, true, [true]]);
  vi.advanceTimersByTime(4_000);
  expect([gate.admission, changes]).toEqual([1, 1]);
  const probe = enter(1);
  expect(gate.mayBegin).toBe(false);
  gate.leave(probe, SENT);
  expect([gate.admission, gate.tokenRejected, told]).toEqual([2, false, [true, false]]);
});

test('rejections of a token that is right are answers as any other', () => {
  call(SENT);
  gate.beginSlowly();
  for (let each = 0; each < 20; each += 1) {
    expect(gate.leave(enter(7), REJECTED)).toEqual({ ...REJECTED, counts: each > 0 });
    call(SENT);
  }
  expect([gate.admission, gate.tokenRejected, relapses, told]).toEqual([ANY, false, 0, []]);
});

test('a token that may be tried does not open what the breaker or a pause keeps closed', () => {
  call(REJECTED);
  vi.advanceTimersByTime(3_000);
  breaker = 0;
  expect(gate.admission).toBe(0);
});
