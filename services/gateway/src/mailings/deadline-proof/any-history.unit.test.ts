import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientOf, historyOf, iso, MAILING, playHistory, SENDERS } from '../../../test/call-history.ts';
import { DeadlineProof } from './proof.ts';

function prove({ ends, records }: ReturnType<typeof playHistory>) {
  const proof = new DeadlineProof(MAILING, ends);
  const text = records.map((record) => proof.linesOf(record, clientOf)).join('');
  const lines = text.split('\n').slice(0, -1);
  return { lines: lines.map((line) => JSON.parse(line)), sums: JSON.parse(proof.sums(1_000)) };
}

test('of any history the proof says what an observer of it has seen', () => {
  fc.assert(
    fc.property(historyOf(700), (steps) => {
      const played = playHistory(steps, () => 0);
      const { lines, sums } = prove(played);
      expect(lines).toEqual(
        played.recorded.map((call) => ({
          messageId: call.messageId,
          clientId: clientOf(0, call.messageId),
          attempt: 1,
          startedAt: iso(call.trulyAt),
          endAt: iso(call.trueEnd.endAt),
          marginMs: call.trueEnd.endAt - call.trulyAt,
          mailingVersion: call.version,
          endPosition: call.trueEnd.position,
          position: call.position,
          recordedAt: expect.any(String),
        })),
      );
      const margins = played.recorded.map((call) => call.trueEnd.endAt - call.trulyAt);
      expect(sums).toEqual({
        mailing: MAILING,
        calls: margins.length,
        afterEnd: margins.filter((margin) => margin <= 0).length,
        smallestMarginMs: margins.length === 0 ? null : Math.min(...margins),
        unreadable: 0,
        fromPosition: 1,
        toPosition: 1_000,
      });
    }),
    { numRuns: 2_000 },
  );
});

test('whatever the clocks say, a call at or after every end that stood in the log is shown, and one before each of them is not', () => {
  const skews = fc.array(fc.integer({ min: -400, max: 400 }), { minLength: SENDERS, maxLength: SENDERS });
  fc.assert(
    fc.property(historyOf(300), skews, (steps, skewOf) => {
      const played = playHistory(steps, (sender) => skewOf[sender] ?? 0);
      const { lines } = prove(played);
      for (const [index, call] of played.recorded.entries()) {
        const ends = played.ends.filter(({ position }) => position < call.position).map(({ endAt }) => endAt);
        const isShown = lines[index].marginMs <= 0;
        if (call.startedAt >= Math.max(...ends)) expect(isShown).toBe(true);
        if (call.startedAt < Math.min(...ends)) expect(isShown).toBe(false);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a call by an end that the sender had read is judged by that end or a later one, though the broker stored it later by its clock', () => {
  fc.assert(
    fc.property(historyOf(60), fc.integer({ min: -400, max: -1 }), (steps, behind) => {
      const played = playHistory(steps, () => behind);
      const { lines } = prove(played);
      for (const [index, call] of played.recorded.entries()) {
        const read = played.ends.find(({ version }) => version === call.version);
        expect(lines[index].endPosition).toBeGreaterThanOrEqual(read?.position ?? Number.NaN);
      }
    }),
    { numRuns: 1_000 },
  );
});
