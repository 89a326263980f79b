import { expect, test } from 'vitest';
import { type Answer, tellsOfMessage } from '../provider/answer.ts';
import { type OutcomeContext, outcomeOf } from './outcome.ts';
import { after, initialProgress, type MessageProgress } from './progress.ts';

const context: OutcomeContext = {
  mailingId: 'm',
  batch: 0,
  mailingVersion: 1,
  idempotent: false,
  refusalAttempts: 3,
};
const DECLINED: Answer = { kind: 'declined', statusCode: 200, error: 'code 5: invalid number' };
const REFUSED: Answer = { kind: 'refused', statusCode: 503, error: 'status 503', pauseMs: null };
const rejected = (counts: boolean): Answer => ({
  kind: 'rejected',
  statusCode: 403,
  error: 'status 403',
  counts,
});

/** The outcomes of a message that is answered so until it ends, and what is known of it then. */
function play(answers: readonly Answer[], refusalAttempts = 3): [string[], MessageProgress] {
  let [message] = initialProgress({
    mailingId: 'm',
    batch: 0,
    timezone: 'UTC',
    firstMessageId: 7,
    clientIds: ['c'],
  });
  if (message === undefined) throw new Error('a batch without a message');
  const types: string[] = [];
  for (const answer of answers) {
    if (!tellsOfMessage(answer)) continue;
    const made = { answer, startedAt: Date.UTC(2026, 0, 1) + types.length, durationMs: 1 };
    const body = outcomeOf(message, made, { ...context, refusalAttempts });
    message = after(message, body);
    // A record that reaches the log twice is one call.
    message = after(message, body);
    types.push(body.type);
    if (message.ended) break;
  }
  return [types, message];
}

const many = (answer: Answer): Answer[] => Array(10).fill(answer);

test.for([
  [1, ['MessageFailed']],
  [2, ['MessageRetried', 'MessageFailed']],
  [3, ['MessageRetried', 'MessageRetried', 'MessageFailed']],
] as const)(
  'a message that the provider declines has %i calls in all, then it failed',
  ([attempts, types]) => {
    expect(play(many(DECLINED), attempts)[0]).toEqual(types);
  },
);

test('a declined message is never unknown, and the log tells what counted', () => {
  const [, message] = play([DECLINED]);
  expect(message).toMatchObject({ refusals: 1, attempts: 1, lost: false, rejected: null });
  const made = { answer: DECLINED, startedAt: 0, durationMs: 1 };
  expect(outcomeOf(message, made, context)).toMatchObject({
    type: 'MessageRetried',
    data: { answer: 'refused', refusal: 'message', error: 'code 5: invalid number' },
  });
});

test('refusals for now do not count', () => {
  expect(play([REFUSED, DECLINED, REFUSED, REFUSED, DECLINED, REFUSED, DECLINED])[0].at(-1)).toBe(
    'MessageFailed',
  );
  expect(play(many(REFUSED))[1]).toMatchObject({ ended: false, attempts: 10, refusals: 0 });
});

test('a message ends with the third rejection where the token is known to be right', () => {
  expect(play([rejected(false), rejected(true), rejected(true)])[0]).toEqual([
    'MessageRetried',
    'MessageRetried',
    'MessageFailed',
  ]);
});

test('no number of rejections fails a message as long as they may be about the token', () => {
  const [, message] = play(many(rejected(false)));
  expect(message).toMatchObject({
    ended: false,
    rejected: { times: 10, beganMs: Date.UTC(2026, 0, 1), cameBackMs: Date.UTC(2026, 0, 1) + 1 },
    refusals: 0,
  });
});

test('rejections that may be about the token do not add to what the provider declined', () => {
  expect(play([DECLINED, DECLINED, ...many(rejected(false))])[1].ended).toBe(false);
  expect(play([rejected(false), rejected(false), DECLINED, DECLINED])[1].ended).toBe(false);
});

test('one rejection alone is never the end, whatever is configured', () => {
  expect(play([rejected(false)], 1)[1].ended).toBe(false);
});

test('after a lost answer the provider’s own words tell what became of the message, and a 403 does not', () => {
  const lost: Answer = { kind: 'lost', statusCode: null, error: 'timed out', cutShort: false };
  const idempotent = { ...context, idempotent: true };
  const [message] = initialProgress({
    mailingId: 'm',
    batch: 0,
    timezone: 'UTC',
    firstMessageId: 7,
    clientIds: ['c'],
  });
  if (message === undefined) throw new Error('a batch without a message');
  const endAfterLost = (answer: Answer) => {
    let known = message;
    for (const each of [lost, answer, answer, answer]) {
      if (!tellsOfMessage(each)) continue;
      const body = outcomeOf(known, { answer: each, startedAt: 0, durationMs: 1 }, idempotent);
      known = after(known, body);
      if (known.ended) return body.type;
    }
    return null;
  };
  expect(endAfterLost(DECLINED)).toBe('MessageFailed');
  expect(endAfterLost(rejected(true))).toBe('MessageUnknown');
});
