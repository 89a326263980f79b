import { expect, test, vi } from 'vitest';
import { counted, DECLINED, REJECTED, SENT, useToken } from '../../test/provider/token-bed.ts';

const bed = useToken();

test('a rejection counts once a call was accepted that began after the first one of its message came back', () => {
  bed.call(1, SENT);
  expect(bed.call(2, REJECTED)).toEqual(REJECTED);
  expect(bed.call(2, REJECTED)).toEqual(REJECTED);
  bed.call(3, DECLINED);
  expect(bed.call(2, REJECTED)).toEqual(counted);
  expect(bed.call(2, REJECTED)).toEqual(counted);
});

/** One message is accepted, and shortly after it so many others are rejected. */
function rejectLast(count: number): number[] {
  const first = bed.begin(1);
  const others = Array.from({ length: count }, (_, index) => index + 2);
  vi.advanceTimersByTime(100);
  const calls = others.map((messageId) => bed.begin(messageId));
  bed.end(first, SENT);
  for (const began of calls) bed.end(began, REJECTED);
  return others;
}

test('the one message that was rejected shortly after another was accepted counts, so that it ends', () => {
  rejectLast(1);
  expect(bed.call(2, REJECTED)).toEqual(counted);
  expect(bed.call(2, REJECTED)).toEqual(counted);
});

test('each of a few messages that were rejected shortly after the last accepted one counts', () => {
  for (const messageId of rejectLast(4)) expect(bed.call(messageId, REJECTED)).toEqual(counted);
  expect(bed.told).toEqual([]);
});

test('of several messages that were rejected shortly after the last accepted one none counts: the token is', () => {
  const others = rejectLast(6);
  expect(bed.told).toEqual([true]);
  vi.advanceTimersByTime(4_000);
  for (const messageId of others) expect(bed.call(messageId, REJECTED)?.kind).toBe('token-rejected');
});

test('an accepted call that was under way when a rejection came back does not make it count', () => {
  bed.call(1, SENT);
  // The token goes wrong while all of them are under way.
  const calls = Array.from({ length: 60 }, (_, index) => bed.begin(index + 2));
  vi.advanceTimersByTime(30);
  for (const began of calls) bed.end(began, began.order % 2 === 0 ? REJECTED : SENT);
  expect(bed.told).toEqual([]);
  const again = [...bed.rejected.keys()];
  expect(again).toHaveLength(30);
  for (let round = 0; round < 5; round += 1) {
    const retried = again.slice(0, 10).map((messageId) => bed.begin(messageId));
    for (const began of retried) expect(bed.end(began, REJECTED)).not.toEqual(counted);
    expect([bed.token.admission, bed.told]).toEqual([0, [true]]);
    vi.advanceTimersByTime(1_000);
  }
});

test('a rejection that came back before an accepted call began counts, also where the clock hardly moved', () => {
  bed.call(1, SENT);
  for (let messageId = 10; messageId < 40; messageId += 1) {
    bed.end(bed.begin(messageId), REJECTED);
    bed.end(bed.begin(messageId + 100), SENT);
  }
  for (let messageId = 10; messageId < 40; messageId += 1)
    expect(bed.end(bed.begin(messageId), REJECTED)).toEqual(counted);
  expect(bed.told).toEqual([]);
});

test.each([
  { afterMs: 149, counts: false },
  { afterMs: 150, counts: true },
])('what another sender was answered counts where its clock cannot be the cause: $afterMs ms', (the) => {
  const others = [2, 3, 4, 5, 6];
  for (const messageId of others)
    bed.rejected.set(messageId, { beganMs: Date.now(), cameBackMs: Date.now() + 50 });
  vi.advanceTimersByTime(the.afterMs);
  bed.end(bed.begin(1), SENT);
  const meant = others.map((messageId) => bed.begin(messageId)).map((began) => bed.end(began, REJECTED));
  // The first ones also count for being few.
  expect(meant.at(-1)).toEqual({ ...REJECTED, counts: the.counts });
});

test('a message that was rejected later than shortly after the last accepted one does not count', () => {
  const first = bed.begin(1);
  vi.advanceTimersByTime(101);
  const second = bed.begin(2);
  bed.end(first, SENT);
  bed.end(second, REJECTED);
  for (let each = 0; each < 5; each += 1) expect(bed.call(2, REJECTED)).toEqual(REJECTED);
});

test('what a wrong token rejected does not count when it goes wrong again', () => {
  bed.call(1, SENT);
  for (let outage = 0; outage < 4; outage += 1) {
    const calls = [2, 3, 4, 5, 6, 7].map((messageId) => bed.begin(messageId));
    for (const began of calls) expect(bed.end(began, REJECTED)).toEqual(REJECTED);
    expect(bed.token.isRejected).toBe(true);
    vi.advanceTimersByTime(4_000);
    bed.call(1, SENT);
    bed.call(1, SENT);
  }
});

test('a blocked recipient that was called for under a wrong token counts once it is rejected under the right one', () => {
  bed.call(1, SENT);
  for (const began of [2, 3, 4, 5, 6].map((messageId) => bed.begin(messageId))) bed.end(began, REJECTED);
  vi.advanceTimersByTime(4_000);
  bed.call(1, SENT);
  expect(bed.call(2, REJECTED)).toEqual(REJECTED);
  bed.call(1, SENT);
  expect(bed.call(2, REJECTED)).toEqual(counted);
});
