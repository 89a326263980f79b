import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer } from './answer.ts';
import { type Admission, Gate } from './gate.ts';

const SENT: Answer = { kind: 'sent', statusCode: 200 };
const REFUSED: Answer = { kind: 'refused', statusCode: 503, error: 'status 503', pauseMs: null };
const REJECTED: Answer = { kind: 'token-rejected', statusCode: 401 };
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

function call(answer: Answer | null, times = 1): void {
  for (let each = 0; each < times; each += 1) gate.leave(gate.enter(1), answer);
}

/** The first one raises the doubt, the second one tells. */
const rejectToken = (): void => call(REJECTED, 2);

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
  const passes = [gate.enter(1), gate.enter(1)];
  expect([gate.mayBegin, gate.inFlight]).toEqual([false, 2]);
  for (const pass of passes) gate.leave(pass, null);
  expect([gate.mayBegin, gate.inFlight]).toEqual([true, 0]);
});

test('calls that hang from before the trouble take no place from the one that tries', () => {
  const hanging = gate.enter(1);
  gate.beginSlowly();
  breaker = 1;
  expect(gate.mayBegin).toBe(true);
  gate.enter(1);
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
  const [first, second] = [gate.enter(1), gate.enter(1)];
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
  const early = [gate.enter(1), gate.enter(1), gate.enter(1)];
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

test('a token that is rejected twice in a row closes it, and lets one call through every so often', () => {
  random = 0.5;
  const [first, second] = [gate.enter(1), gate.enter(2)];
  gate.leave(first, REJECTED);
  gate.leave(second, REJECTED);
  // Both began before the doubt: the next one tells whether it is about the token.
  expect([gate.admission, gate.tokenRejected, told, changes]).toEqual([1, false, [], 1]);
  call(REJECTED);
  expect([gate.admission, gate.tokenRejected]).toEqual([0, true]);
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(4_000);
  expect([gate.admission, changes]).toEqual([1, 2]);
  const probe = gate.enter(1);
  expect(gate.mayBegin).toBe(false);
  gate.leave(probe, REJECTED);
  expect(gate.admission).toBe(0);
  expect(told).toEqual([true, true]);
  vi.advanceTimersByTime(4_000);
  call(SENT);
  expect([gate.admission, gate.tokenRejected]).toEqual([2, false]);
  expect(told).toEqual([true, true, false]);
  expect(changes).toBe(4);
});

test('one message that is answered with 403 while another passes stops nobody, and is refused alone from then on', () => {
  expect(gate.leave(gate.enter(7), REJECTED)).toEqual(REJECTED);
  expect([gate.admission, gate.mayBegin]).toEqual([1, true]);
  gate.leave(gate.enter(8), SENT);
  expect([gate.admission, gate.tokenRejected, told]).toEqual([2, false, []]);
  for (let each = 0; each < 20; each += 1) {
    expect(gate.leave(gate.enter(7), REJECTED)).toEqual({
      kind: 'refused',
      statusCode: 401,
      error: 'status 401',
      pauseMs: null,
    });
  }
  expect([gate.admission, gate.tokenRejected, relapses, told]).toEqual([2, false, 0, []]);
  // Others are not taken for it: a token that goes wrong later is found out.
  gate.leave(gate.enter(9), REJECTED);
  gate.leave(gate.enter(10), REJECTED);
  expect([gate.admission, gate.tokenRejected, told]).toEqual([0, true, [true]]);
});

test('a doubt that no answer settles stays, one call at a time', () => {
  call(REJECTED);
  for (const answer of [REFUSED, CUT_SHORT, null]) {
    call(answer);
    expect([gate.admission, gate.tokenRejected]).toEqual([1, false]);
  }
  call(SENT);
  expect([gate.admission, told]).toEqual([2, []]);
});

test('senders do not try their token in the same moment', () => {
  for (const [value, milliseconds] of [
    [0, 3_000],
    [1, 5_000],
  ] as const) {
    random = value;
    rejectToken();
    vi.advanceTimersByTime(milliseconds - 1);
    expect(gate.admission).toBe(0);
    vi.advanceTimersByTime(1);
    expect(gate.admission).toBe(1);
  }
});

test('only a call that began after the trouble can prove that it is over', () => {
  const [early, late] = [gate.enter(1), gate.enter(2)];
  gate.leave(early, REJECTED);
  gate.leave(late, SENT);
  expect(gate.admission).toBe(1);
  call(REJECTED);
  expect(gate.tokenRejected).toBe(true);
});

test('a try that did not get an answer about the token is made again later', () => {
  rejectToken();
  for (const answer of [REFUSED, null]) {
    vi.advanceTimersByTime(3_000);
    expect(gate.admission).toBe(1);
    call(answer);
    expect(gate.admission).toBe(0);
  }
});

test('a token that may be tried does not open what the breaker or a pause keeps closed', () => {
  rejectToken();
  vi.advanceTimersByTime(3_000);
  breaker = 0;
  expect(gate.admission).toBe(0);
});
