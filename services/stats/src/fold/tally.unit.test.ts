import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moment } from '../../test/story.ts';
import type { EndStatus } from '../database/statuses.ts';
import { Tally } from './tally.ts';

const STATUSES = ['sent', 'failed', 'expired', 'cancelled', 'unknown'] as const satisfies EndStatus[];

const at = (seconds: number): number => moment(seconds).getTime();

test('an end moves one message from queued to its status, and stands in its minute', () => {
  const tally = new Tally();
  tally.queued('m', 2);
  tally.ended('m', 'failed', at(61));
  expect(tally.counters.get('m')).toStrictEqual({
    counts: { queued: 1, sent: 0, failed: 1, expired: 0, cancelled: 0, unknown: 0 },
    retries: 0,
    firstSentAt: null,
    lastSentAt: null,
    minutes: new Map([[at(60), { sent: 0, failed: 1, expired: 0, cancelled: 0, unknown: 0 }]]),
  });
});

test('the first and the last moment of sending span everything that was sent, in whatever order it is told', () => {
  const tally = new Tally();
  for (const seconds of [70, 80, 10, 20]) tally.ended('m', 'sent', at(seconds));
  for (const seconds of [1, 500]) tally.ended('m', 'failed', at(seconds));
  expect(tally.counters.get('m')).toMatchObject({ firstSentAt: at(10), lastSentAt: at(80) });
});

test('the last millisecond of a minute belongs to it, the next does not', () => {
  const tally = new Tally();
  for (const milliseconds of [59_999, 60_000]) tally.ended('m', 'sent', at(0) + milliseconds);
  expect([...(tally.counters.get('m')?.minutes.keys() ?? [])]).toStrictEqual([at(0), at(60)]);
});

test('the six counts sum up to what was queued, and the minutes to what has ended', () => {
  const end = fc.record({
    mailing: fc.constantFrom('a', 'b'),
    status: fc.constantFrom(...STATUSES),
    second: fc.nat(300),
  });
  fc.assert(
    fc.property(fc.array(end), fc.nat(50), (ends, more) => {
      const tally = new Tally();
      for (const mailing of ['a', 'b']) {
        const ended = ends.filter((one) => one.mailing === mailing);
        tally.queued(mailing, ended.length + more);
        for (const { status, second } of ended) tally.ended(mailing, status, at(second));
        const counter = tally.counters.get(mailing);
        const counts = Object.values(counter?.counts ?? {});
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ended.length + more);
        const inMinutes = [...(counter?.minutes.values() ?? [])].flatMap((minute) => Object.values(minute));
        expect(inMinutes.reduce((sum, count) => sum + count, 0)).toBe(ended.length);
      }
    }),
  );
});
