import { expect, test } from 'vitest';
import {
  aheadOf,
  hasRoom,
  hasRoomForSlow,
  type Load,
  type MailingLoad,
  roomTaken,
  wantedOf,
} from './intake-policy.ts';

const load: Load = { slots: 64, admission: Number.POSITIVE_INFINITY, batchesWaiting: 0, freshRequests: 0 };
const idle: MailingLoad = {
  standing: 'send',
  unstarted: 0,
  inHand: 0,
  batchesWaiting: 0,
  outstanding: 0,
  rateLimit: null,
  ahead: 16,
  latestSizes: [],
};

test('holds as many batches as give each four slots, asked for or in hand', () => {
  expect(hasRoom({ ...load, batchesWaiting: 15 })).toBe(true);
  expect(hasRoom({ ...load, batchesWaiting: 10, freshRequests: 6 })).toBe(false);
});

test('a sender with a single slot takes one batch', () => {
  expect(hasRoom({ ...load, slots: 1 })).toBe(true);
  expect(hasRoom({ ...load, slots: 1, batchesWaiting: 1 })).toBe(false);
});

test('claims nothing while the provider may not be called, and one batch to try it with', () => {
  expect(hasRoom({ ...load, admission: 0 })).toBe(false);
  expect(hasRoom({ ...load, admission: 1 })).toBe(true);
  expect(hasRoom({ ...load, admission: 1, batchesWaiting: 1 })).toBe(false);
});

test('while calls ramp up it claims no more than feeds them', () => {
  expect(hasRoom({ ...load, admission: 4, batchesWaiting: 1 })).toBe(false);
  expect(hasRoom({ ...load, admission: 32, batchesWaiting: 7 })).toBe(true);
  expect(hasRoom({ ...load, admission: 32, batchesWaiting: 8 })).toBe(false);
});

test('a mailing gets its next batch when the last one runs low', () => {
  expect(wantedOf(idle, 64)).toBe(1);
  expect(wantedOf({ ...idle, unstarted: 16 }, 64)).toBe(0);
  expect(wantedOf({ ...idle, unstarted: 15 }, 64)).toBe(1);
});

test('a mailing that is quick has as many messages ahead as begin until the next batch is there, and not without end', () => {
  expect([0, 0.1, 1, 2.5, 8, Number.POSITIVE_INFINITY].map((perMs) => aheadOf(perMs, 64))).toEqual([
    16, 16, 50, 125, 256, 256,
  ]);
  const quick: MailingLoad = { ...idle, ahead: 256, latestSizes: [250, 250] };
  expect([0, 5, 6, 250, 255, 256, 500].map((unstarted) => wantedOf({ ...quick, unstarted }, 64))).toEqual([
    2, 2, 1, 1, 1, 0, 0,
  ]);
});

test('where the latest batches are small a mailing gets as many as fill the slots and a quarter more', () => {
  const small: MailingLoad = { ...idle, latestSizes: Array.from({ length: 16 }, () => 5) };
  expect([0, 40, 74, 75].map((unstarted) => wantedOf({ ...small, unstarted }, 64))).toEqual([15, 7, 1, 0]);
  expect(wantedOf({ ...small, latestSizes: [5, 250, 5] }, 64)).toBe(1);
  expect(wantedOf({ ...small, latestSizes: [5, 250, 5], unstarted: 16 }, 64)).toBe(0);
  expect(wantedOf({ ...small, rateLimit: 5 }, 64)).toBe(1);
});

test('of a mailing that has just begun no more is taken at once than was seen of it', () => {
  expect([[], [5], [5, 5, 5]].map((latestSizes) => wantedOf({ ...idle, latestSizes }, 64))).toEqual([
    1, 1, 3,
  ]);
});

test('a mailing with a limit gets its next batch when the last one lasts for a second at most', () => {
  expect(wantedOf({ ...idle, rateLimit: 5, unstarted: 5 }, 64)).toBe(0);
  expect(wantedOf({ ...idle, rateLimit: 5, unstarted: 4 }, 64)).toBe(1);
  expect(wantedOf({ ...idle, rateLimit: 0.1, unstarted: 1 }, 64)).toBe(0);
  expect(wantedOf({ ...idle, rateLimit: 0.1 }, 64)).toBe(1);
  expect(wantedOf({ ...idle, rateLimit: 1_000, unstarted: 16 }, 64)).toBe(0);
  expect(
    [50, 49].map((unstarted) => wantedOf({ ...idle, rateLimit: 1_000, ahead: 50, unstarted }, 64)),
  ).toEqual([0, 1]);
});

test('a mailing that waits is not pulled', () => {
  expect(wantedOf({ ...idle, standing: 'wait' }, 64)).toBe(0);
  expect(wantedOf({ ...idle, standing: undefined }, 64)).toBe(0);
});

test('a mailing that ended is pulled whatever the provider does, several batches at once', () => {
  expect(wantedOf({ ...idle, standing: 'expire' }, 64)).toBe(16);
  expect(wantedOf({ ...idle, standing: 'cancel', inHand: 20 }, 64)).toBe(0);
});

test('mailings that are over, or wait, take no room from those that send', () => {
  const slow: MailingLoad = { ...idle, rateLimit: 5, inHand: 2, outstanding: 1 };
  const quick: MailingLoad = { ...idle, inHand: 3, batchesWaiting: 2 };
  const over = (['expire', 'cancel', 'wait', undefined] as const).flatMap((standing) => [
    { ...slow, standing, inHand: 16 },
    { ...quick, standing, batchesWaiting: 16 },
  ]);
  expect(roomTaken([slow, quick, ...over])).toEqual({ batchesWaiting: 2, slowBatches: 3 });
});

test('of mailings with a limit of their own it keeps a bounded number of batches, however many there are', () => {
  expect([hasRoomForSlow(0), hasRoomForSlow(127), hasRoomForSlow(128)]).toEqual([true, true, false]);
});
