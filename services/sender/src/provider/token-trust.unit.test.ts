import { expect, test, vi } from 'vitest';
import {
  ANY,
  CUT_SHORT,
  counted,
  FAILED,
  REFUSED,
  REJECTED,
  SENT,
  THROTTLED,
  useToken,
} from '../../test/provider/token-bed.ts';

const bed = useToken();

test('a token that was never accepted is rejected at once, and one call tries every so often', () => {
  expect(bed.call(1, REJECTED)).toEqual({ kind: 'token-rejected', statusCode: 403 });
  expect([bed.token.admission, bed.token.isRejected, bed.told]).toEqual([0, true, [true]]);
  vi.advanceTimersByTime(3_999);
  expect([bed.token.admission, bed.changes]).toEqual([0, 0]);
  vi.advanceTimersByTime(1);
  expect([bed.token.admission, bed.changes]).toEqual([1, 1]);
  expect(bed.call(1, REJECTED)).toEqual({ kind: 'token-rejected', statusCode: 403 });
  expect([bed.token.admission, bed.told]).toEqual([0, [true]]);
  vi.advanceTimersByTime(4_000);
  bed.call(1, SENT);
  expect([bed.token.admission, bed.token.isRejected, bed.told]).toEqual([ANY, false, [true, false]]);
});

test('a token that was accepted is rejected after five distinct messages with none accepted between', () => {
  bed.call(1, SENT);
  for (const messageId of [2, 3, 4, 5]) bed.call(messageId, REJECTED);
  for (let each = 0; each < 20; each += 1) bed.call(5, REJECTED);
  expect([bed.token.admission, bed.told]).toEqual([ANY, []]);
  bed.call(6, SENT);
  for (const messageId of [7, 8, 9, 10]) bed.call(messageId, REJECTED);
  expect([bed.token.admission, bed.told]).toEqual([ANY, []]);
  bed.call(11, REJECTED);
  expect([bed.token.admission, bed.told]).toEqual([0, [true]]);
});

test('no answer but the provider’s own word on a message proves the token', () => {
  bed.call(1, SENT);
  bed.call(2, REJECTED);
  for (const answer of [FAILED, THROTTLED, REFUSED, CUT_SHORT, null]) bed.call(3, answer);
  expect(bed.call(2, REJECTED)).toEqual(REJECTED);
});

test('a late answer to a call that began before does not prove it', () => {
  bed.call(9, SENT);
  const early = bed.begin(1);
  vi.advanceTimersByTime(1_000);
  const later = bed.begin(2);
  bed.end(later, REJECTED);
  bed.end(early, SENT);
  expect(bed.call(2, REJECTED)).toEqual(REJECTED);
});

test('messages whose rejections count say nothing of the token, however many are left', () => {
  for (let messageId = 1; messageId <= 40; messageId += 1)
    bed.call(messageId, messageId % 2 === 0 ? SENT : REJECTED);
  // The first one of all came before the token was ever accepted.
  vi.advanceTimersByTime(10_000);
  bed.call(41, SENT);
  bed.told.length = 0;
  for (let messageId = 3; messageId <= 39; messageId += 2)
    expect(bed.call(messageId, REJECTED)).toEqual(counted);
  expect([bed.token.admission, bed.told]).toEqual([ANY, []]);
});

test('while calls are under way that may explain it, a doubt is told nobody, and nothing begins', () => {
  bed.call(9, SENT);
  const calls = [1, 2, 3, 4, 5, 6].map((messageId) => bed.begin(messageId));
  for (const [index, began] of calls.slice(0, 5).entries()) {
    bed.end(began, REJECTED);
    expect([index, bed.token.admission, bed.told]).toEqual([index, index < 4 ? ANY : 0, []]);
  }
  const last = calls[5];
  if (last !== undefined) bed.end(last, SENT);
  expect([bed.token.admission, bed.changes, bed.told]).toEqual([ANY, 1, []]);
});

test('a doubt that nothing explains is told when the last call has ended', () => {
  bed.call(1, SENT);
  const calls = [2, 3, 4, 5, 6, 7].map((messageId) => bed.begin(messageId));
  for (const began of calls.slice(0, 5)) bed.end(began, REJECTED);
  expect([bed.token.admission, bed.told]).toEqual([0, []]);
  const last = calls[5];
  if (last !== undefined) bed.end(last, CUT_SHORT);
  expect([bed.token.admission, bed.token.isRejected, bed.told]).toEqual([0, true, [true]]);
});

test('a try that did not get an answer about the token is made again later', () => {
  bed.call(1, REJECTED);
  for (const answer of [REFUSED, FAILED, THROTTLED, null]) {
    vi.advanceTimersByTime(4_000);
    expect(bed.token.admission).toBe(1);
    expect(bed.call(2, answer)).toBe(answer);
    expect([bed.token.admission, bed.token.isRejected]).toEqual([0, true]);
  }
  expect(bed.told).toEqual([true]);
});

test('senders do not try their token in the same moment', () => {
  for (const [value, milliseconds] of [
    [0, 3_000],
    [1, 5_000],
  ] as const) {
    bed.useNewToken(value);
    bed.call(1, REJECTED);
    vi.advanceTimersByTime(milliseconds - 1);
    expect(bed.token.admission).toBe(0);
    vi.advanceTimersByTime(1);
    expect(bed.token.admission).toBe(1);
  }
});
