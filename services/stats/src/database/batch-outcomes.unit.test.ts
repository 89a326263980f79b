import { expect, test } from 'vitest';
import { moment } from '../../test/story.ts';
import { BatchOutcomes, MOST_ATTEMPTS, OUTCOME_BYTES, readOutcome } from './batch-outcomes.ts';

const read = (outcomes: BatchOutcomes, place: number) =>
  readOutcome(outcomes.bytes.subarray(place * OUTCOME_BYTES, (place + 1) * OUTCOME_BYTES));

test('of a new batch every message is queued, and so is one of a batch that has no row', () => {
  const outcomes = BatchOutcomes.none(2);
  expect(read(outcomes, 1)).toStrictEqual({ status: 'queued', attempts: 0, endedAt: null, position: 0 });
  expect(readOutcome(null)).toStrictEqual(read(outcomes, 0));
  expect(outcomes.counts()).toStrictEqual([2, 0, 0, 0, 0, 0]);
});

test('what is written of one message is read again to the millisecond, and changes no other', () => {
  const outcomes = BatchOutcomes.none(3);
  outcomes.setAttempts(1, MOST_ATTEMPTS);
  outcomes.setHasError(1, true);
  const at = moment(0).getTime() + 1;
  outcomes.end(1, 'unknown', at);
  outcomes.setPosition(1, 2 ** 40 - 1);
  expect(read(outcomes, 1)).toStrictEqual({
    status: 'unknown',
    attempts: MOST_ATTEMPTS,
    endedAt: new Date(at),
    position: 2 ** 40 - 1,
  });
  expect([outcomes.hasError(1), outcomes.isQueued(1)]).toStrictEqual([true, false]);
  outcomes.setHasError(1, false);
  expect(read(outcomes, 1).status).toBe('unknown');
  for (const place of [0, 2]) {
    expect(read(outcomes, place)).toStrictEqual({
      status: 'queued',
      attempts: 0,
      endedAt: null,
      position: 0,
    });
    expect([outcomes.hasError(place), outcomes.isQueued(place)]).toStrictEqual([false, true]);
  }
  expect(outcomes.counts()).toStrictEqual([2, 0, 0, 0, 0, 1]);
});

test('what has no place in the bytes is refused', () => {
  const outcomes = BatchOutcomes.none(1);
  expect(() => outcomes.setAttempts(0, MOST_ATTEMPTS + 1)).toThrow(RangeError);
  expect(() => outcomes.setPosition(0, 2 ** 40)).toThrow(RangeError);
  expect(() => outcomes.end(0, 'sent', -1)).toThrow(RangeError);
  expect(() => outcomes.end(0, 'sent', Number.NaN)).toThrow(RangeError);
});
