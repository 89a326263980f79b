import { expect, test } from 'vitest';
import { MailingQueue } from './mailing-queue.ts';
import type { WorkSource } from './work-source.ts';

/** A queue of a sender with 64 slots, which begins so many calls in so long, and has used up a batch then. */
function makeQueue() {
  let now = 1_000;
  const never = (): never => {
    throw new Error('a queue sets no timer');
  };
  const clock = { now: () => now, after: never, atEndOfTurn: never };
  const queue = new MailingQueue('m', {} as WorkSource, clock, 64);
  const useUp = (calls: number, inMs: number): number => {
    now += inMs;
    for (let call = 0; call < calls; call += 1) queue.callBegins();
    queue.usedUp();
    return queue.ahead;
  };
  return { queue, useUp };
}

test('the time that the latest batches took tells how far ahead the next one is asked for', () => {
  const { queue, useUp } = makeQueue();
  expect(queue.ahead).toBe(16);
  expect([useUp(250, 30), useUp(250, 100), useUp(250, 100)]).toEqual([16, 125, 125]);
});

test('what was not called for does not count, however often a batch has nothing left', () => {
  const { useUp } = makeQueue();
  expect([useUp(0, 0), useUp(0, 0), useUp(0, 1), useUp(10, 9)]).toEqual([16, 16, 16, 50]);
});

test('a mailing that has become slow is asked for late again', () => {
  const { useUp } = makeQueue();
  for (let batch = 0; batch < 20; batch += 1) useUp(250, 25);
  expect([useUp(0, 0), useUp(250, 60_000)]).toEqual([256, 16]);
});
