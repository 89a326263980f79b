import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EndStatus } from '../database/statuses.ts';
import { moment } from '../testing/story.ts';
import { Tally } from './tally.ts';

const STATUSES = ['sent', 'failed', 'expired', 'cancelled', 'unknown'] as const satisfies EndStatus[];

test('an end moves one message from queued to its status, and stands in its minute', () => {
  const tally = new Tally();
  tally.queued('m', 2);
  tally.ended('m', 'failed', moment(61), moment(61));
  expect(tally.counters.get('m')).toStrictEqual({
    counts: { queued: 1, sent: 0, failed: 1, expired: 0, cancelled: 0, unknown: 0 },
    retries: 0,
    firstSentAt: null,
    lastSentAt: null,
  });
  expect([...tally.minutes.values()]).toStrictEqual([
    {
      mailingId: 'm',
      at: moment(60),
      counts: { sent: 0, failed: 1, expired: 0, cancelled: 0, unknown: 0 },
    },
  ]);
});

test('the first and the last moment of sending span everything that was sent, in whatever order it is told', () => {
  const tally = new Tally();
  tally.ended('m', 'sent', moment(70), moment(80), 5);
  tally.ended('m', 'sent', moment(10), moment(20), 3);
  tally.ended('m', 'failed', moment(1), moment(500));
  expect(tally.counters.get('m')).toMatchObject({ firstSentAt: moment(10), lastSentAt: moment(80) });
});

test('the last millisecond of a minute belongs to it, the next does not', () => {
  const tally = new Tally();
  for (const milliseconds of [59_999, 60_000]) {
    const at = new Date(moment(0).getTime() + milliseconds);
    tally.ended('m', 'sent', at, at);
  }
  expect([...tally.minutes.values()].map(({ at }) => at)).toStrictEqual([moment(0), moment(60)]);
});

test('the six counts sum up to what was queued, and the minutes to what has ended', () => {
  const end = fc.record({
    mailing: fc.constantFrom('a', 'b'),
    status: fc.constantFrom(...STATUSES),
    second: fc.nat(300),
    count: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(end), fc.nat(50), (ends, more) => {
      const tally = new Tally();
      for (const mailing of ['a', 'b']) {
        const ended = ends.filter((one) => one.mailing === mailing);
        const total = ended.reduce((sum, { count }) => sum + count, 0);
        tally.queued(mailing, total + more);
        for (const { status, second, count } of ended) {
          tally.ended(mailing, status, moment(second), moment(second), count);
        }
        const counts = Object.values(tally.counters.get(mailing)?.counts ?? {});
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total + more);
        const minutes = [...tally.minutes.values()].filter(({ mailingId }) => mailingId === mailing);
        const inMinutes = minutes.flatMap((minute) => Object.values(minute.counts));
        expect(inMinutes.reduce((sum, count) => sum + count, 0)).toBe(total);
      }
    }),
  );
});
