import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PermitRecord } from './permit-record.ts';
import { HOLD_MS, sharePermits } from './share-permits.ts';

const CALL_MS = 1_000;

/** A sender as it would behave: it begins calls while its permits hold by its clock, and each takes its time. */
class Sender {
  readonly id: string;
  readonly skew: number;
  calls: number[] = [];
  allowed = 0;
  until = 0;
  constructor(id: string, skew: number) {
    this.id = id;
    this.skew = skew;
  }

  begin(count: number, now: number, lasts: number): void {
    this.settle(now);
    if (now + this.skew >= this.until) return;
    for (let left = count; left > 0 && this.calls.length < this.allowed; left -= 1)
      this.calls.push(now + lasts);
  }

  settle(now: number): void {
    this.calls = this.calls.filter((endsAt) => endsAt > now);
  }
}

const step = fc.record({
  sender: fc.integer({ min: 0, max: 3 }),
  // Often just before or just after permits end, while calls of their last moment are under way.
  afterMs: fc.oneof(
    fc.integer({ min: 0, max: 100 }),
    fc.integer({ min: 0, max: 4_000 }),
    fc.constantFrom(HOLD_MS - 200, 300),
  ),
  renews: fc.boolean(),
  wants: fc.nat(30),
  begins: fc.nat(30),
  lasts: fc.integer({ min: 1, max: CALL_MS }),
});

test('however senders renew, fall silent and come back, no more calls are under way than there may be', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 200 }), (total, steps) => {
      const senders = [0, 1, 2, 3].map((index) => new Sender(String(index), 0));
      let record: PermitRecord | null = null;
      let now = 10_000;
      for (const { sender: index, afterMs, renews, wants, begins, lasts } of steps) {
        now += afterMs;
        const sender = senders[index];
        if (sender === undefined) continue;
        for (const each of senders) each.settle(now);
        if (renews) {
          const inFlight = sender.calls.length;
          const ask = { senderId: sender.id, now, total, most: total, wants, inFlight, callMs: CALL_MS };
          const share = sharePermits(record, ask);
          record = share.record;
          sender.allowed = Math.min(share.permits, share.target);
          sender.until = share.until;
        }
        sender.begin(begins, now, lasts);
        const underWay = senders.reduce((sum, each) => sum + each.calls.length, 0);
        expect(underWay).toBeLessThanOrEqual(total);
      }
    }),
    { numRuns: 500 },
  );
});

const ask = { senderId: 'a', now: 1_000_000, total: 10, most: 10, wants: 50, inFlight: 0, callMs: CALL_MS };

test('a sender alone has all, and gives half away to a second one as its calls end', () => {
  const alone = sharePermits(null, ask);
  expect([alone.permits, alone.target]).toEqual([10, 10]);
  const second = sharePermits(alone.record, { ...ask, senderId: 'b' });
  expect([second.permits, second.target]).toEqual([0, 5]);
  const busy = sharePermits(second.record, { ...ask, inFlight: 8 });
  expect([busy.permits, busy.target]).toEqual([8, 5]);
  const calmer = sharePermits(busy.record, { ...ask, inFlight: 3 });
  expect([calmer.permits, calmer.target]).toEqual([5, 5]);
  expect(sharePermits(calmer.record, { ...ask, senderId: 'b' }).permits).toBe(5);
});

test('the permits of a sender that died are free when every call that it may have begun is over', () => {
  const dead = sharePermits(null, { ...ask, senderId: 'dead' });
  const lastMoment = ask.now + HOLD_MS + CALL_MS;
  expect(sharePermits(dead.record, { ...ask, now: lastMoment - 1 }).permits).toBe(0);
  expect(sharePermits(dead.record, { ...ask, now: lastMoment }).permits).toBe(10);
});

test('after the broker was away nobody gets more than it had', () => {
  expect(sharePermits(null, { ...ask, most: 3 }).permits).toBe(3);
});
