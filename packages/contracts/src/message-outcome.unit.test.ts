import { expect, test } from 'vitest';
import { eventSamples } from '../test/samples.ts';
import { makeEvent, parseEvent } from './event.ts';
import { groupOutcome, type MessageOutcome, type OutcomeType, outcomesOf } from './message-outcome.ts';

const provenance = { source: 'tester', correlationId: 'c-1' };
const recordedAt = new Date('2026-03-01T12:00:10.000Z');
const decidedAt = Date.parse('2026-03-01T12:00:09.000Z');
const FIRST = 1;

const TYPES = [
  'MessageSent',
  'MessageFailed',
  'MessageRetried',
  'MessageUndecided',
  'MessageUnknown',
] as const satisfies readonly OutcomeType[];

const single = (type: OutcomeType) => ({ type, data: eventSamples[type] }) as MessageOutcome;

function grouped(outcomes: readonly MessageOutcome[]) {
  const { mailingId, batch } = eventSamples.MessageSent;
  const data = {
    mailingId,
    batch,
    firstMessageId: FIRST,
    outcomes: outcomes.map((outcome) => groupOutcome(outcome, FIRST, decidedAt)),
  };
  return parseEvent(JSON.stringify(makeEvent({ type: 'OutcomesRecorded', data }, provenance, recordedAt)));
}

test.each(TYPES)('%s says the same in a group as by itself, except for the client', (type) => {
  const [found] = outcomesOf(grouped([single(type)]));
  const { clientId: _client, ...data } = eventSamples[type];
  expect(found?.outcome).toStrictEqual({ type, data });
});

test('a group keeps the order, and the place of each message', () => {
  const outcomes = [7, 3, 5].map((messageId) => ({
    type: 'MessageSent' as const,
    data: { ...eventSamples.MessageSent, messageId },
  }));
  expect(outcomesOf(grouped(outcomes)).map(({ outcome }) => outcome.data.messageId)).toEqual([7, 3, 5]);
});

test('an outcome happened when its call came back, or when it was decided without one', () => {
  const call = { startedAt: '2026-03-01T12:00:00.000Z', durationMs: 250, statusCode: 200 };
  const sent = { type: 'MessageSent' as const, data: { ...eventSamples.MessageSent, call } };
  const moments = outcomesOf(grouped([sent, single('MessageFailed')])).map(({ at }) => at);
  expect(moments).toEqual(['2026-03-01T12:00:00.250Z', '2026-03-01T12:00:09.000Z']);
});

test('an event of its own tells one outcome, and every other event none', () => {
  const sent = makeEvent({ type: 'MessageSent', data: eventSamples.MessageSent }, provenance, recordedAt);
  expect(outcomesOf(sent)).toEqual([{ outcome: sent, at: sent.time }]);
  const expired = makeEvent(
    { type: 'MessagesExpired', data: eventSamples.MessagesExpired },
    provenance,
    recordedAt,
  );
  expect(outcomesOf(expired)).toEqual([]);
});
