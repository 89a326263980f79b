import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moment } from '../../test/story.ts';
import type { EndStatus } from '../database/statuses.ts';
import { CountChanges, type Place } from './count-changes.ts';
import { binOf } from './timeline-bin.ts';

const STATUSES = ['sent', 'failed', 'expired', 'cancelled', 'unknown'] as const satisfies EndStatus[];

const at = (seconds: number): number => moment(seconds).getTime();
const place = (sequence: number, mailingId = 'm'): Place => ({
  mailingId,
  batch: 3,
  sequence,
  storedAt: at(sequence),
  queuedAt: at(0),
});

test('the ends of a record are counted together where they fall in one bin, and apart where not', () => {
  const changes = new CountChanges();
  for (const seconds of [61, 61.5, 62]) changes.ended(place(7), 'failed', at(seconds));
  const none = { sent: 0, expired: 0, cancelled: 0, unknown: 0 };
  const common = {
    mailingId: 'm',
    batch: 3,
    sequence: 7,
    storedAt: at(7),
    width: 1_000,
    queued: 0,
    retries: 0,
  };
  expect(changes.all).toStrictEqual([
    { ...common, bin: at(61), ended: { ...none, failed: 2 }, firstSentAt: null, lastSentAt: null },
    { ...common, bin: at(62), ended: { ...none, failed: 1 }, firstSentAt: null, lastSentAt: null },
  ]);
});

test('records keep their changes apart, and what is no end stands in no bin', () => {
  const changes = new CountChanges();
  changes.queued(place(1), 5);
  changes.retried(place(2));
  changes.ended(place(2), 'sent', at(1));
  changes.retried(place(2));
  expect(changes.all).toMatchObject([
    { sequence: 1, bin: null, width: 0, queued: 5, retries: 0 },
    { sequence: 2, bin: null, width: 0, queued: 0, retries: 2 },
    { sequence: 2, bin: at(1), width: 1_000, ended: { sent: 1 }, firstSentAt: at(1), lastSentAt: at(1) },
  ]);
});

test('the first and the last moment of sending span what a record sent, in whatever order it is told', () => {
  const changes = new CountChanges();
  for (const ms of [70, 80, 10, 20]) changes.ended(place(1), 'sent', at(0) + ms);
  for (const ms of [1, 500]) changes.ended(place(1), 'failed', at(0) + ms);
  expect(changes.all).toMatchObject([{ firstSentAt: at(0) + 10, lastSentAt: at(0) + 80 }]);
});

test.each([
  ['a second in the first half hour', 29 * 60 + 59, 1_000],
  ['ten seconds in the first five hours', 30 * 60, 10_000],
  ['a minute from then on', 5 * 60 * 60, 60_000],
])('a bin has %s after its batch was queued', (_, seconds, width) => {
  expect(binOf(at(seconds) + 999, at(0)).width).toBe(width);
  expect(binOf(at(seconds) + 999, at(0)).at % width).toBe(0);
});

test('a bin begins at or before the moment, and ends behind it', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.nat(2 ** 40), (endedAt, queuedAt) => {
      const bin = binOf(endedAt, queuedAt);
      expect(bin.at <= endedAt && endedAt < bin.at + bin.width).toBe(true);
    }),
  );
});

test('the changes sum up to what was queued and what has ended, whatever records say so', () => {
  const end = fc.record({
    mailing: fc.constantFrom('a', 'b'),
    status: fc.constantFrom(...STATUSES),
    second: fc.nat(300),
  });
  fc.assert(
    fc.property(fc.array(end), (ends) => {
      const changes = new CountChanges();
      for (const [index, { mailing, status, second }] of ends.entries())
        changes.ended(place(2 * index + (mailing === 'a' ? 0 : 1), mailing), status, at(second));
      for (const mailing of ['a', 'b']) {
        for (const status of STATUSES) {
          const counted = changes.all.filter(({ mailingId }) => mailingId === mailing);
          const sum = counted.reduce((all, { ended }) => all + ended[status], 0);
          expect(sum).toBe(ends.filter((one) => one.mailing === mailing && one.status === status).length);
        }
      }
    }),
  );
});
