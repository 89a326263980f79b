import { expect, test } from 'vitest';
import { type PartEvent, type PartState, transition } from './part-state.ts';

const idle: PartState = { kind: 'idle' };
const start: PartEvent = { kind: 'start' };
const waited: PartEvent = { kind: 'waited' };
const retire: PartEvent = { kind: 'retire' };
const stop: PartEvent = { kind: 'stop' };
const ready = (atMs: number): PartEvent => ({ kind: 'ready', atMs });
const ended = (atMs: number): PartEvent => ({ kind: 'ended', atMs });

const after = (...events: PartEvent[]): PartState => events.reduce(transition, idle);

test('what ends while starting comes back after delays that double up to ten seconds', () => {
  let state = after(start);
  const delays: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    state = transition(state, ended(0));
    if (state.kind === 'backing-off') delays.push(state.delayMs);
    state = transition(state, waited);
  }
  expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test('what was up for 30 s comes back at once, as if it had never failed', () => {
  const failedTwice = [start, ended(0), waited, ended(0), waited];
  expect(after(...failedTwice, ready(1_000), ended(30_999))).toMatchObject({ delayMs: 1_000, failures: 3 });
  expect(after(...failedTwice, ready(1_000), ended(31_000))).toMatchObject({ delayMs: 250, failures: 1 });
});

test('what was asked to stop does not come back', () => {
  expect(after(start, ready(0), stop)).toEqual({ kind: 'stopping' });
  expect(after(start, ready(0), stop, ended(1))).toEqual({ kind: 'stopped' });
  expect(after(start, stop, ended(1), waited)).toEqual({ kind: 'stopped' });
});

test('a stop during back-off leaves nothing to wait for', () => {
  expect(after(start, ended(0), stop)).toEqual({ kind: 'stopped' });
  expect(after(start, ended(0), stop, waited)).toEqual({ kind: 'stopped' });
});

test('what is asked to stop before it was started never starts', () => {
  expect(after(stop, start)).toEqual({ kind: 'stopped' });
});

test('news that comes too late changes nothing', () => {
  const backingOff = after(start, ended(0));
  expect(transition(backingOff, ready(1))).toBe(backingOff);
  expect(transition(backingOff, ended(1))).toBe(backingOff);
  const stopping = after(start, stop);
  expect(transition(stopping, ready(1))).toBe(stopping);
});

test('what is retired works on until its turn to stop, and does not come back if it ends before', () => {
  expect(after(start, ready(0), retire)).toEqual({ kind: 'retired' });
  expect(after(start, ready(0), retire, stop)).toEqual({ kind: 'stopping' });
  expect(after(start, ready(0), retire, ended(1))).toEqual({ kind: 'stopped' });
  expect(after(start, ended(0), retire, waited)).toEqual({ kind: 'stopped' });
});
