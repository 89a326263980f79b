import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClockCheck, type Verdict } from './clock-check.ts';
import type { Exchange } from './offset.ts';

/** A machine and a broker: time passes by the fake timers, the wall clock is set by the test. */
let steady: number;
let wallAhead: number;
let asleep: number;
let putAsideMs: number;
let brokerAway: boolean;
let asked: number;
let told: Array<Verdict['kind']>;
let failures: number;
let check: ClockCheck;
const EPOCH = 1_700_000_000_000;
const logTime = (): number => EPOCH + steady;

async function ask(): Promise<Exchange> {
  asked += 1;
  if (brokerAway) throw new Error('no answer');
  const sentAt = logTime() + wallAhead;
  return { sentAt, storedAt: logTime(), answeredAt: logTime() + wallAhead };
}

async function pass(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 50) {
    steady += 50;
    await vi.advanceTimersByTimeAsync(50);
  }
}

/** The process stands still while time goes on: no timer of it fires. */
function sleep(milliseconds: number): void {
  steady += milliseconds;
}

beforeEach(() => {
  vi.useFakeTimers();
  steady = 0;
  wallAhead = 0;
  asleep = 0;
  putAsideMs = 0;
  brokerAway = false;
  asked = 0;
  failures = 0;
  told = [];
  check = makeCheck();
});

afterEach(() => {
  check.close();
  vi.useRealTimers();
});

function makeCheck(): ClockCheck {
  return new ClockCheck({
    ask,
    toleranceMs: 50,
    wall: () => {
      steady += putAsideMs;
      const time = logTime() + wallAhead;
      steady += putAsideMs;
      putAsideMs = 0;
      return time;
    },
    steady: () => steady - asleep,
    onChange: ({ kind }) => told.push(kind),
    onFailure: () => {
      failures += 1;
    },
  });
}

test('nothing is known before the first comparison, and then it is', async () => {
  check.close();
  told = [];
  check = makeCheck();
  expect(check.verdict).toMatchObject({ kind: 'unknown' });
  await pass(50);
  expect(check.verdict).toEqual({ kind: 'right', offsetMs: 0, errorMs: 1 });
  expect(told).toEqual(['right']);
});

test('compares every five seconds, with four exchanges', async () => {
  await pass(21_000);
  expect(asked).toBe(20);
});

test('a clock that is off at the start is found out before anything', async () => {
  check.close();
  told = [];
  wallAhead = -300;
  check = makeCheck();
  await pass(50);
  expect(check.verdict).toEqual({ kind: 'off', offsetMs: 300, errorMs: 1 });
  wallAhead = -10;
  await pass(300);
  expect(check.verdict).toMatchObject({ kind: 'right', offsetMs: 10 });
  // Between the two it was known that it had been set, and not yet to what.
  expect(told.filter((kind) => kind !== 'unknown')).toEqual(['off', 'right']);
});

test('a clock that is set is not trusted from that moment on, before any timer has fired', async () => {
  await pass(1_000);
  wallAhead = 400;
  expect(check.verdict).toEqual({
    kind: 'unknown',
    why: 'not compared with the time of the log since it moved by 400 ms',
  });
  await pass(300);
  expect(check.verdict).toMatchObject({ kind: 'off', offsetMs: -400 });
});

test('a machine that was suspended and has the right time goes on as soon as that is known', async () => {
  await pass(1_000);
  // The steady clock stands still meanwhile, the wall clock is put right by the machine.
  sleep(3_600_000);
  asleep = 3_600_000;
  expect(check.verdict).toMatchObject({ kind: 'unknown' });
  await pass(300);
  expect(check.verdict).toMatchObject({ kind: 'right', offsetMs: 0 });
});

test('a process that stood still is not trusted until it has asked again', async () => {
  await pass(1_000);
  const before = asked;
  sleep(2_500);
  expect(check.verdict).toMatchObject({ kind: 'unknown' });
  await pass(300);
  expect(check.verdict).toMatchObject({ kind: 'right' });
  expect(asked).toBe(before + 4);
});

test('a slow drift is found out by the next comparison', async () => {
  await pass(1_000);
  for (let step = 0; step < 12; step += 1) {
    wallAhead += 9;
    await pass(5_000);
  }
  expect(check.verdict).toMatchObject({ kind: 'off', offsetMs: -108 });
});

test('while the broker cannot be asked what was known holds for a minute', async () => {
  await pass(1_000);
  brokerAway = true;
  await pass(58_000);
  expect(check.verdict).toMatchObject({ kind: 'right' });
  await pass(3_000);
  expect(check.verdict).toMatchObject({ kind: 'unknown' });
  expect(failures).toBeGreaterThan(50);
  brokerAway = false;
  await pass(1_000);
  expect(check.verdict).toMatchObject({ kind: 'right' });
  expect(told).toEqual(['right', 'unknown', 'right']);
});

test('at the edge of the tolerance it does not go to and fro', async () => {
  await pass(1_000);
  for (const ahead of [52, 49, 52, 45, 52, 43]) {
    wallAhead = ahead;
    await pass(5_100);
  }
  expect(told.filter((kind) => kind !== 'unknown')).toEqual(['right', 'off']);
  wallAhead = 39;
  await pass(5_100);
  expect(check.verdict).toMatchObject({ kind: 'right' });
});

test('who was turned away in a moment of doubt is told when it is over', async () => {
  await pass(1_000);
  wallAhead = 30;
  expect(check.verdict).toMatchObject({ kind: 'unknown' });
  wallAhead = 0;
  await pass(300);
  expect(told).toEqual(['right', 'unknown', 'right']);
});

test('a process that is put aside while it reads its clocks sees no jump', async () => {
  await pass(1_000);
  putAsideMs = 15;
  expect(check.verdict).toMatchObject({ kind: 'right' });
});

test('asks nothing once it is closed', async () => {
  await pass(1_000);
  check.close();
  const before = asked;
  await pass(20_000);
  check.compareNow();
  expect(asked).toBe(before);
});
