import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BatchEvent, type BatchState, HALTS, type Halt, transition } from './batch-state.ts';

const start: BatchState = { kind: 'looking-up' };
const after = (...events: BatchEvent[]): BatchState => events.reduce(transition, start);
const lookedUp = (unstarted: number): BatchEvent => ({ kind: 'looked-up', unstarted });
const started: BatchEvent = { kind: 'started' };
const ended: BatchEvent = { kind: 'recorded', ended: true };
const again: BatchEvent = { kind: 'recorded', ended: false };
const halted = (by: Halt): BatchEvent => ({ kind: 'halted', by });
const concluded = (conclusion: string) => ({ kind: 'concluded', conclusion });

test('completes when every message has ended', () => {
  expect(after(lookedUp(2), started, started, ended)).toEqual({
    kind: 'sending',
    unstarted: 0,
    inFlight: 1,
    remaining: 1,
  });
  expect(after(lookedUp(2), started, started, ended, ended)).toEqual(concluded('completed'));
  expect(after(lookedUp(0))).toEqual(concluded('completed'));
});

test('is put off when messages remain that are to be tried later', () => {
  expect(after(lookedUp(2), started, started, ended, again)).toEqual(concluded('put-off'));
  expect(after(lookedUp(1), { kind: 'passed-over' })).toEqual(concluded('put-off'));
});

test('a message that was not called for has its turn again', () => {
  expect(after(lookedUp(1), started, { kind: 'not-called' })).toEqual({
    kind: 'sending',
    unstarted: 1,
    inFlight: 0,
    remaining: 1,
  });
});

test('a halt waits for what is in flight, and for nothing else', () => {
  expect(after(lookedUp(3), started, halted('returned')).kind).toBe('draining');
  expect(after(lookedUp(3), started, halted('returned'), ended)).toEqual(concluded('returned'));
  expect(after(lookedUp(3), halted('past-end'))).toEqual(concluded('past-end'));
  expect(after(halted('lease-lost'))).toEqual(concluded('lease-lost'));
});

test('the stronger reason wins, whichever came first', () => {
  for (const [index, weak] of HALTS.entries()) {
    for (const strong of HALTS.slice(index)) {
      const expected = concluded(strong);
      expect(after(lookedUp(3), started, halted(weak), halted(strong), again)).toEqual(expected);
      expect(after(lookedUp(3), started, halted(strong), halted(weak), again)).toEqual(expected);
    }
  }
});

test('a halted batch whose last message ended all the same is complete, unless its lease is lost', () => {
  expect(after(lookedUp(1), started, halted('ended-by-decree'), ended)).toEqual(concluded('completed'));
  expect(after(lookedUp(1), started, halted('lease-lost'), ended)).toEqual(concluded('lease-lost'));
});

test('begins nothing after a halt', () => {
  expect(() => after(lookedUp(2), started, halted('returned'), started)).toThrow(
    'a batch that is draining cannot be told started',
  );
});

/** What may happen next in a state, so that a random life is a possible one. */
function possible(state: BatchState): BatchEvent[] {
  const halts = HALTS.map((by) => halted(by));
  switch (state.kind) {
    case 'looking-up':
      return [...halts, lookedUp(3)];
    case 'sending':
      return [
        ...halts,
        ...(state.unstarted > 0 ? [started, { kind: 'passed-over' } as const] : []),
        ...(state.inFlight > 0 ? [ended, again, { kind: 'not-called' } as const] : []),
      ];
    case 'draining':
      return [...halts, ended, again, { kind: 'not-called' }];
    case 'concluded':
      return [];
    default:
      return state satisfies never;
  }
}

interface Counts {
  readonly inFlight: number;
  readonly remaining: number;
}

/** The same bookkeeping without any state. */
function count({ inFlight, remaining }: Counts, event: BatchEvent): Counts {
  switch (event.kind) {
    case 'looked-up':
      return { inFlight: 0, remaining: event.unstarted };
    case 'started':
      return { inFlight: inFlight + 1, remaining };
    case 'not-called':
      return { inFlight: inFlight - 1, remaining };
    case 'recorded':
      return { inFlight: inFlight - 1, remaining: event.ended ? remaining - 1 : remaining };
    default:
      return { inFlight, remaining };
  }
}

/** A possible life, led by arbitrary numbers. */
function live(choices: readonly number[]): { state: BatchState; counts: Counts } {
  let state: BatchState = start;
  let counts: Counts = { inFlight: 0, remaining: 0 };
  for (const choice of choices) {
    const events = possible(state);
    const event = events[choice % Math.max(1, events.length)];
    if (event === undefined) break;
    state = transition(state, event);
    counts = count(counts, event);
  }
  return { state, counts };
}

test('in every life it concludes only when nothing is in flight, and completes only when all have ended', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 60 }), (choices) => {
      const { state, counts } = live(choices);
      if (state.kind === 'sending' || state.kind === 'draining') {
        expect({ inFlight: state.inFlight, remaining: state.remaining }).toEqual(counts);
      }
      if (state.kind !== 'concluded') return;
      expect(counts.inFlight).toBe(0);
      if (state.conclusion === 'completed') expect(counts.remaining).toBe(0);
      if (state.conclusion === 'put-off') expect(counts.remaining).toBeGreaterThan(0);
    }),
  );
});
