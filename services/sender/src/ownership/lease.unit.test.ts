import type { Work } from '@herald/event-log';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { steadyClock } from '../steady-clock.ts';
import { Lease } from './lease.ts';

const OPTIONS = { renewEveryMs: 10_000, lostAfterMs: 20_000 };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function leaseOn(renew: () => Promise<void>): { lease: Lease; lost: () => number } {
  let lost = 0;
  const work: Work = {
    subject: '',
    sequence: 1,
    storedAt: 0,
    text: '',
    done: async () => {},
    terminate: () => {},
    giveBack: () => {},
    renew,
  };
  const lease = new Lease(work, OPTIONS, steadyClock, () => {
    lost += 1;
  });
  return { lease, lost: () => lost };
}

test('is held as long as renewals are answered', async () => {
  let renewals = 0;
  const { lease, lost } = leaseOn(async () => {
    renewals += 1;
  });
  await vi.advanceTimersByTimeAsync(65_000);
  expect([lease.isHeld, lost(), renewals]).toEqual([true, 0, 6]);
  lease.release();
});

test('is lost twenty seconds after the last answer, and says so once', async () => {
  const { lease, lost } = leaseOn(async () => {
    throw new Error('no answer');
  });
  await vi.advanceTimersByTimeAsync(19_900);
  expect(lease.isHeld).toBe(true);
  await vi.advanceTimersByTimeAsync(200);
  expect([lease.isHeld, lost()]).toEqual([false, 1]);
  lease.lose();
  expect(lost()).toBe(1);
});

test('one renewal that was not answered is made good by the next', async () => {
  let renewals = 0;
  const { lease, lost } = leaseOn(async () => {
    renewals += 1;
    if (renewals === 1) throw new Error('no answer');
  });
  await vi.advanceTimersByTimeAsync(28_000);
  expect([lease.isHeld, lost()]).toEqual([true, 0]);
  lease.release();
});

test('whoever slept too long finds it lost before any timer has fired', async () => {
  const { lease } = leaseOn(async () => {});
  const now = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(now + 20_001);
  expect(lease.isHeld).toBe(false);
  lease.release();
});

test('nothing is renewed after the release', async () => {
  let renewals = 0;
  const { lease, lost } = leaseOn(async () => {
    renewals += 1;
  });
  lease.release();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([renewals, lost()]).toEqual([0, 0]);
});
