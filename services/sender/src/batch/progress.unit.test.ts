import { type EventBody, makeEvent, newId } from '@herald/contracts';
import { expect, test } from 'vitest';
import { foldOutcomes, initialProgress, type MessageProgress } from './progress.ts';

const mailingId = newId();
const clientIds = [newId(), newId(), newId()];
const call = { startedAt: '2026-01-01T00:00:00.000Z', durationMs: 1, statusCode: null };

function progressAfter(...bodies: EventBody[]): MessageProgress[] {
  const messages = initialProgress({ mailingId, batch: 4, timezone: 'UTC', firstMessageId: 100, clientIds });
  const provenance = { source: 'test', correlationId: 'c' };
  for (const body of bodies) foldOutcomes(messages, makeEvent(body, provenance, new Date()));
  return messages;
}

const outcome = (messageId: number, attempt: number) => ({
  mailingId,
  batch: 4,
  messageId,
  clientId: clientIds[messageId - 100] ?? '',
  attempt,
  mailingVersion: 1,
});
const retried = (messageId: number, attempt: number, answer: 'refused' | 'lost'): EventBody => ({
  type: 'MessageRetried',
  data: { ...outcome(messageId, attempt), error: 'x', answer, call },
});

const shortOf = (messages: MessageProgress[]) =>
  messages.map(({ messageId, attempts, lost, ended }) => [messageId, attempts, lost, ended]);

test('begins with consecutive ids and nothing tried', () => {
  expect(shortOf(progressAfter())).toEqual([
    [100, 0, false, false],
    [101, 0, false, false],
    [102, 0, false, false],
  ]);
});

test('counts attempts, and keeps a lost answer in mind through later refusals', () => {
  expect(
    shortOf(progressAfter(retried(100, 1, 'lost'), retried(100, 2, 'refused'), retried(101, 1, 'refused'))),
  ).toEqual([
    [100, 2, true, false],
    [101, 1, false, false],
    [102, 0, false, false],
  ]);
});

test('every kind of end ends, and nothing takes it back', () => {
  const messages = progressAfter(
    { type: 'MessageSent', data: { ...outcome(100, 2), call } },
    retried(100, 3, 'refused'),
    { type: 'MessageFailed', data: { ...outcome(101, 0), error: 'client-removed', call: null } },
    { type: 'MessagesExpired', data: { mailingId, batch: 4, messageIds: [102] } },
  );
  expect(shortOf(messages)).toEqual([
    [100, 2, false, true],
    [101, 0, false, true],
    [102, 0, false, true],
  ]);
});

test('an outcome of a message that is not in the batch changes nothing', () => {
  expect(shortOf(progressAfter(retried(99, 1, 'lost'), retried(103, 1, 'lost')))).toEqual(
    shortOf(progressAfter()),
  );
});
