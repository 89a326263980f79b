import { expect, test } from 'vitest';
import { OutcomeRecorder, type Recording, type WriteFailure } from './outcome-recorder.ts';

const recording = (place: number): Recording => ({
  place,
  body: {
    type: 'MessageFailed',
    data: {
      mailingId: 'm',
      batch: 0,
      messageId: 10 + place,
      clientId: 'c',
      attempt: 0,
      mailingVersion: 1,
      error: 'x',
      call: null,
    },
  },
  isLastTry: false,
  at: 0,
});
const REFUSED: WriteFailure = { why: 'refused', reason: 'no JSON' };

/** A recorder whose records are answered, and whose time passes, by hand. */
function byHand(calls = { underWay: 0 }) {
  const timers = new Set<() => void>();
  const written: number[][] = [];
  const recorded: number[] = [];
  const unrecorded: Array<[number, string]> = [];
  const waiting: Array<(failure: WriteFailure | null) => void> = [];
  const recorder = new OutcomeRecorder({
    write: (outcomes, told) => {
      written.push(outcomes.map(({ place }) => place));
      waiting.push(told);
    },
    onRecorded: (outcomes) => recorded.push(...outcomes.map(({ place }) => place)),
    onUnrecorded: ({ place }, { why }) => unrecorded.push([place, why]),
    underWay: () => calls.underWay,
    soon: (act) => {
      timers.add(act);
      return () => timers.delete(act);
    },
  });
  const add = (...places: number[]) => {
    for (const place of places) recorder.add(recording(place));
  };
  const answer = (failure: WriteFailure | null = null) => waiting.shift()?.(failure);
  const passTime = () => {
    const due = [...timers];
    timers.clear();
    for (const act of due) act();
  };
  return { recorder, add, answer, passTime, timers, written, recorded, unrecorded };
}

test('a single outcome is written at once', () => {
  const { add, written } = byHand();
  add(3);
  expect(written).toEqual([[3]]);
});

test('what comes while a record is on its way is the next record, in its order', () => {
  const { add, answer, written, recorded } = byHand();
  add(1, 2, 3);
  expect(written).toEqual([[1]]);
  answer();
  add(4);
  expect(written).toEqual([[1], [2, 3]]);
  answer();
  answer();
  expect(written).toEqual([[1], [2, 3], [4]]);
  expect(recorded).toEqual([1, 2, 3, 4]);
});

test('a record of several that is refused is written one by one, and only the bad one is not recorded', () => {
  const { add, answer, written, recorded, unrecorded } = byHand();
  add(0, 1, 2, 3);
  answer();
  expect(written.at(-1)).toEqual([1, 2, 3]);
  answer(REFUSED);
  answer();
  answer(REFUSED);
  answer();
  expect(written).toEqual([[0], [1, 2, 3], [1], [2], [3]]);
  expect(recorded).toEqual([0, 1, 3]);
  expect(unrecorded).toEqual([[2, 'refused']]);
});

test.each(['full', 'closed'] as const)('where the log is %s nothing is tried one by one', (why) => {
  const { add, answer, written, unrecorded } = byHand();
  add(0, 1, 2);
  answer();
  answer({ why, reason: 'x' });
  expect(written).toEqual([[0], [1, 2]]);
  expect(unrecorded).toEqual([
    [1, why],
    [2, why],
  ]);
});

test('an outcome that is said in other words goes with what has gathered since', () => {
  const written: number[][] = [];
  const waiting: Array<(failure: WriteFailure | null) => void> = [];
  const recorder: OutcomeRecorder = new OutcomeRecorder({
    write: (outcomes, told) => {
      written.push(outcomes.map(({ place }) => place));
      waiting.push(told);
    },
    onRecorded: () => {},
    onUnrecorded: (outcome) => recorder.add({ ...outcome, isLastTry: true }),
    underWay: () => 0,
    soon: () => () => {},
  });
  recorder.add(recording(0));
  recorder.add(recording(1));
  waiting.shift()?.(REFUSED);
  expect(written).toEqual([[0], [1, 0]]);
});

test('in a hurry nothing waits for the record before it', () => {
  const { recorder, add, written } = byHand();
  add(0, 1, 2);
  recorder.hurry();
  add(3);
  expect(written).toEqual([[0], [1, 2], [3]]);
});

test('in a hurry all that waits is written, each lone one in a record of its own', () => {
  const { recorder, add, answer, written } = byHand();
  add(0, 1, 2, 3);
  answer();
  add(4);
  answer(REFUSED);
  expect(written).toEqual([[0], [1, 2, 3], [1]]);
  recorder.hurry();
  expect(written).toEqual([[0], [1, 2, 3], [1], [2], [3], [4]]);
});

test('while many calls are under way a record waits for half of them', () => {
  const { add, answer, written, timers } = byHand({ underWay: 6 });
  add(0, 1);
  expect(written).toEqual([]);
  add(2);
  expect([written, timers.size]).toEqual([[[0, 1, 2]], 0]);
  add(3, 4);
  answer();
  expect(written).toHaveLength(1);
  add(5);
  expect(written).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test('a record does not wait for long, nor for calls that are over', () => {
  const calls = { underWay: 12 };
  const { add, answer, passTime, written } = byHand(calls);
  add(0);
  passTime();
  expect(written).toEqual([[0]]);
  answer();
  add(1);
  calls.underWay = 4;
  add(2);
  expect(written).toEqual([[0], [1, 2]]);
});

test('in a hurry a record waits for no call', () => {
  const { recorder, add, written, timers } = byHand({ underWay: 12 });
  add(0);
  recorder.hurry();
  add(1);
  expect([written, timers.size]).toEqual([[[0], [1]], 0]);
});
