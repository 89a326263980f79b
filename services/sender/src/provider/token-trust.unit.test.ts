import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer } from './answer.ts';
import { type FirstRejection, type TokenCall, TokenTrust } from './token-trust.ts';

const SENT: Answer = { kind: 'sent', statusCode: 200 };
const DECLINED: Answer = { kind: 'declined', statusCode: 200, error: 'code 5' };
const REJECTED: Answer = { kind: 'rejected', statusCode: 403, error: 'status 403', counts: false };
const FAILED: Answer = { kind: 'failed', statusCode: 400, error: 'status 400' };
const THROTTLED: Answer = { kind: 'throttled', statusCode: 429, error: 'status 429', pauseMs: 1_000 };
const REFUSED: Answer = { kind: 'refused', statusCode: 503, error: 'status 503', pauseMs: null };
const CUT_SHORT: Answer = { kind: 'lost', statusCode: null, error: 'the mailing ended', cutShort: true };

let order: number;
let inFlight: number;
let changes: number;
let told: boolean[];
let token: TokenTrust;
/** When each message was rejected first, as the log would know it. */
let rejected: Map<number, FirstRejection>;

beforeEach(() => {
  vi.useFakeTimers();
  order = 0;
  inFlight = 0;
  changes = 0;
  told = [];
  rejected = new Map();
  token = new TokenTrust({
    probeMs: 4_000,
    clocksDifferMs: 100,
    onChange: () => {
      changes += 1;
    },
    onToken: (isRejected) => told.push(isRejected),
    random: () => 0.5,
  });
});

afterEach(() => {
  token.close();
  vi.useRealTimers();
});

function begin(messageId: number): TokenCall {
  order += 1;
  inFlight += 1;
  return {
    order,
    startedAtMs: Date.now(),
    messageId,
    rejected: rejected.get(messageId) ?? null,
  };
}

function end(call: TokenCall, answer: Answer | null): Answer | null {
  inFlight -= 1;
  const meant = token.ended(call, answer, inFlight, order);
  if (meant?.kind === 'rejected' && !rejected.has(call.messageId)) {
    rejected.set(call.messageId, { beganMs: call.startedAtMs, cameBackMs: Date.now() });
  }
  return meant;
}

/** Calls that come one after the other, a second each. */
function call(messageId: number, answer: Answer | null): Answer | null {
  const began = begin(messageId);
  vi.advanceTimersByTime(1_000);
  return end(began, answer);
}

const ANY = Number.POSITIVE_INFINITY;
const counted = { ...REJECTED, counts: true };

test('a token that was never accepted is rejected at once, and one call tries every so often', () => {
  expect(call(1, REJECTED)).toEqual({ kind: 'token-rejected', statusCode: 403 });
  expect([token.admission, token.isRejected, told]).toEqual([0, true, [true]]);
  vi.advanceTimersByTime(3_999);
  expect([token.admission, changes]).toEqual([0, 0]);
  vi.advanceTimersByTime(1);
  expect([token.admission, changes]).toEqual([1, 1]);
  expect(call(1, REJECTED)).toEqual({ kind: 'token-rejected', statusCode: 403 });
  expect([token.admission, told]).toEqual([0, [true]]);
  vi.advanceTimersByTime(4_000);
  call(1, SENT);
  expect([token.admission, token.isRejected, told]).toEqual([ANY, false, [true, false]]);
});

test('a token that was accepted is rejected after five distinct messages with none accepted between', () => {
  call(1, SENT);
  for (const messageId of [2, 3, 4, 5]) call(messageId, REJECTED);
  for (let each = 0; each < 20; each += 1) call(5, REJECTED);
  expect([token.admission, told]).toEqual([ANY, []]);
  call(6, SENT);
  for (const messageId of [7, 8, 9, 10]) call(messageId, REJECTED);
  expect([token.admission, told]).toEqual([ANY, []]);
  call(11, REJECTED);
  expect([token.admission, told]).toEqual([0, [true]]);
});

test('a rejection counts once a call was accepted that began after the first one of its message came back', () => {
  call(1, SENT);
  expect(call(2, REJECTED)).toEqual(REJECTED);
  expect(call(2, REJECTED)).toEqual(REJECTED);
  call(3, DECLINED);
  expect(call(2, REJECTED)).toEqual(counted);
  expect(call(2, REJECTED)).toEqual(counted);
});

test('no answer but the provider’s own word on a message proves the token', () => {
  call(1, SENT);
  call(2, REJECTED);
  for (const answer of [FAILED, THROTTLED, REFUSED, CUT_SHORT, null]) call(3, answer);
  expect(call(2, REJECTED)).toEqual(REJECTED);
});

test('a late answer to a call that began before does not prove it', () => {
  call(9, SENT);
  const early = begin(1);
  vi.advanceTimersByTime(1_000);
  const later = begin(2);
  end(later, REJECTED);
  end(early, SENT);
  expect(call(2, REJECTED)).toEqual(REJECTED);
});

/** One message is accepted, and shortly after it so many others are rejected. */
function rejectLast(count: number): number[] {
  const first = begin(1);
  const others = Array.from({ length: count }, (_, index) => index + 2);
  vi.advanceTimersByTime(100);
  const calls = others.map(begin);
  end(first, SENT);
  for (const began of calls) end(began, REJECTED);
  return others;
}

test('the one message that was rejected shortly after another was accepted counts, so that it ends', () => {
  rejectLast(1);
  expect(call(2, REJECTED)).toEqual(counted);
  expect(call(2, REJECTED)).toEqual(counted);
});

test('each of a few messages that were rejected shortly after the last accepted one counts', () => {
  for (const messageId of rejectLast(4)) expect(call(messageId, REJECTED)).toEqual(counted);
  expect(told).toEqual([]);
});

test('of several messages that were rejected shortly after the last accepted one none counts: the token is', () => {
  const others = rejectLast(6);
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(4_000);
  for (const messageId of others) expect(call(messageId, REJECTED)?.kind).toBe('token-rejected');
});

test('an accepted call that was under way when a rejection came back does not make it count', () => {
  call(1, SENT);
  // The token goes wrong while all of them are under way.
  const calls = Array.from({ length: 60 }, (_, index) => begin(index + 2));
  vi.advanceTimersByTime(30);
  for (const began of calls) end(began, began.order % 2 === 0 ? REJECTED : SENT);
  expect(told).toEqual([]);
  const again = [...rejected.keys()];
  expect(again).toHaveLength(30);
  for (let round = 0; round < 5; round += 1) {
    const retried = again.slice(0, 10).map(begin);
    for (const began of retried) expect(end(began, REJECTED)).not.toEqual(counted);
    expect([token.admission, told]).toEqual([0, [true]]);
    vi.advanceTimersByTime(1_000);
  }
});

test('a rejection that came back before an accepted call began counts, also where the clock hardly moved', () => {
  call(1, SENT);
  for (let messageId = 10; messageId < 40; messageId += 1) {
    end(begin(messageId), REJECTED);
    end(begin(messageId + 100), SENT);
  }
  for (let messageId = 10; messageId < 40; messageId += 1)
    expect(end(begin(messageId), REJECTED)).toEqual(counted);
  expect(told).toEqual([]);
});

test.each([
  { afterMs: 149, counts: false },
  { afterMs: 150, counts: true },
])('what another sender was answered counts where its clock cannot be the cause: $afterMs ms', (the) => {
  const others = [2, 3, 4, 5, 6];
  for (const messageId of others)
    rejected.set(messageId, { beganMs: Date.now(), cameBackMs: Date.now() + 50 });
  vi.advanceTimersByTime(the.afterMs);
  end(begin(1), SENT);
  const meant = others.map(begin).map((began) => end(began, REJECTED));
  // The first ones also count for being few.
  expect(meant.at(-1)).toEqual({ ...REJECTED, counts: the.counts });
});

test('a message that was rejected later than shortly after the last accepted one does not count', () => {
  const first = begin(1);
  vi.advanceTimersByTime(101);
  const second = begin(2);
  end(first, SENT);
  end(second, REJECTED);
  for (let each = 0; each < 5; each += 1) expect(call(2, REJECTED)).toEqual(REJECTED);
});

test('messages whose rejections count say nothing of the token, however many are left', () => {
  for (let messageId = 1; messageId <= 40; messageId += 1)
    call(messageId, messageId % 2 === 0 ? SENT : REJECTED);
  // The first one of all came before the token was ever accepted.
  vi.advanceTimersByTime(10_000);
  call(41, SENT);
  told.length = 0;
  for (let messageId = 3; messageId <= 39; messageId += 2) expect(call(messageId, REJECTED)).toEqual(counted);
  expect([token.admission, told]).toEqual([ANY, []]);
});

test('while calls are under way that may explain it, a doubt is told nobody, and nothing begins', () => {
  call(9, SENT);
  const calls = [1, 2, 3, 4, 5, 6].map(begin);
  for (const [index, began] of calls.slice(0, 5).entries()) {
    end(began, REJECTED);
    expect([index, token.admission, told]).toEqual([index, index < 4 ? ANY : 0, []]);
  }
  const last = calls[5];
  if (last !== undefined) end(last, SENT);
  expect([token.admission, changes, told]).toEqual([ANY, 1, []]);
});

test('a doubt that nothing explains is told when the last call has ended', () => {
  call(1, SENT);
  const calls = [2, 3, 4, 5, 6, 7].map(begin);
  for (const began of calls.slice(0, 5)) end(began, REJECTED);
  expect([token.admission, told]).toEqual([0, []]);
  const last = calls[5];
  if (last !== undefined) end(last, CUT_SHORT);
  expect([token.admission, token.isRejected, told]).toEqual([0, true, [true]]);
});

test('a try that did not get an answer about the token is made again later', () => {
  call(1, REJECTED);
  for (const answer of [REFUSED, FAILED, THROTTLED, null]) {
    vi.advanceTimersByTime(4_000);
    expect(token.admission).toBe(1);
    expect(call(2, answer)).toBe(answer);
    expect([token.admission, token.isRejected]).toEqual([0, true]);
  }
  expect(told).toEqual([true]);
});

test('what a wrong token rejected does not count when it goes wrong again', () => {
  call(1, SENT);
  for (let outage = 0; outage < 4; outage += 1) {
    const calls = [2, 3, 4, 5, 6, 7].map(begin);
    for (const began of calls) expect(end(began, REJECTED)).toEqual(REJECTED);
    expect(token.isRejected).toBe(true);
    vi.advanceTimersByTime(4_000);
    call(1, SENT);
    call(1, SENT);
  }
});

test('a blocked recipient that was called for under a wrong token counts once it is rejected under the right one', () => {
  call(1, SENT);
  for (const began of [2, 3, 4, 5, 6].map(begin)) end(began, REJECTED);
  vi.advanceTimersByTime(4_000);
  call(1, SENT);
  expect(call(2, REJECTED)).toEqual(REJECTED);
  call(1, SENT);
  expect(call(2, REJECTED)).toEqual(counted);
});

test('senders do not try their token in the same moment', () => {
  for (const [value, milliseconds] of [
    [0, 3_000],
    [1, 5_000],
  ] as const) {
    token.close();
    token = new TokenTrust({
      probeMs: 4_000,
      clocksDifferMs: 100,
      onChange: () => {},
      onToken: () => {},
      random: () => value,
    });
    call(1, REJECTED);
    vi.advanceTimersByTime(milliseconds - 1);
    expect(token.admission).toBe(0);
    vi.advanceTimersByTime(1);
    expect(token.admission).toBe(1);
  }
});
