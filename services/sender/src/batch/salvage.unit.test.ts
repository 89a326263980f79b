import { expect, test } from 'vitest';
import type { BatchEvent, BatchState, Draining, Sending } from './batch-state.ts';
import { decisions } from './decisions.ts';
import { initialProgress } from './progress.ts';
import { salvage } from './salvage.ts';

const plainly = { mailingId: 'm', batch: 0, decisions, idempotent: true, refusalAttempts: 3, random: 0.5 };
const queued = { mailingId: 'm', batch: 0, timezone: 'UTC', firstMessageId: 10, clientIds: ['a', 'b'] };
const messages = initialProgress(queued).map((message) => ({ ...message, recipient: null }));
const sending: Sending = { kind: 'sending', messages, queue: [1], turns: 0, passedOver: [], inFlight: 1 };
const draining: Draining = { kind: 'draining', messages, inFlight: 1, halt: 'broken' };
const LATER = { kind: 'give-back', deferral: { delayMs: 10_000, closed: null } };

const answered: BatchEvent = {
  kind: 'called',
  place: 0,
  mailingVersion: 7,
  made: { answer: { kind: 'sent', statusCode: 200 }, startedAt: 0, durationMs: 5 },
};

test('a batch that has called for nobody is given back for a while', () => {
  const idle: BatchState[] = [
    { kind: 'claimed' },
    { kind: 'resolving', messages },
    { kind: 'ending' },
    { kind: 'completing' },
  ];
  for (const state of idle) {
    const step = salvage(state, { kind: 'claimed', ours: true }, plainly);
    expect(step).toEqual({ state: { kind: 'returned' }, commands: [{ kind: 'stop-reading' }, LATER] });
  }
  const none = salvage({ ...sending, inFlight: 0 }, { kind: 'turn' }, plainly);
  expect(none).toEqual({ state: { kind: 'returned' }, commands: [LATER] });
});

test('calls under way are recorded as what they are before it is given back', () => {
  expect(salvage(sending, { kind: 'turn' }, plainly)).toEqual({ state: draining, commands: [] });
  const { state, commands } = salvage(sending, answered, plainly);
  expect(state).toEqual(draining);
  expect(commands).toMatchObject([
    { kind: 'record', place: 0, body: { type: 'MessageSent', data: { messageId: 10, mailingVersion: 7 } } },
  ]);
  const [record] = commands;
  if (record?.kind !== 'record') throw new Error('nothing to record');
  const { body } = record;
  expect(salvage(draining, { kind: 'recorded', outcomes: [{ place: 0, body }] }, plainly)).toEqual({
    state: { kind: 'returned' },
    commands: [LATER],
  });
  const again = salvage(
    draining,
    { kind: 'unrecorded', place: 0, body, isLastTry: false, why: 'refused', reason: 'x' },
    plainly,
  );
  expect(again.commands).toMatchObject([
    { kind: 'record', isLastTry: true, body: { type: 'MessageUnknown', data: { error: 'undecidable: x' } } },
    { kind: 'say-undecided', message: { messageId: 10, isSetAside: true } },
  ]);
  const never = salvage(
    draining,
    { kind: 'unrecorded', place: 0, body, isLastTry: true, why: 'refused', reason: 'x' },
    plainly,
  );
  expect(never.state.kind).toBe('returned');
});

test('an outcome that finds no room is written once more as it is, and none when the log is closed', () => {
  const [record] = salvage(sending, answered, plainly).commands;
  if (record?.kind !== 'record') throw new Error('nothing to record');
  const { body } = record;
  const event = { kind: 'unrecorded', place: 0, body, isLastTry: false, reason: 'x' } as const;
  expect(salvage(draining, { ...event, why: 'full' }, plainly).commands).toEqual([
    { kind: 'record', place: 0, body, isLastTry: true },
  ]);
  expect(salvage(draining, { ...event, why: 'closed' }, plainly).state.kind).toBe('returned');
});

test('a call that was not made, or broke, is over as well', () => {
  const none = salvage(sending, { kind: 'called', place: 0, made: null, mailingVersion: 7 }, plainly);
  expect(none.state.kind).toBe('returned');
  const broke = (asked: boolean): BatchEvent => ({
    kind: 'call-broke',
    place: 0,
    mailingVersion: 7,
    asked,
    reason: 'Error',
  });
  expect(salvage(sending, broke(true), plainly).commands[0]).toMatchObject({
    body: { type: 'MessageUnknown', data: { attempt: 1 } },
  });
  expect(salvage(sending, broke(false), plainly).commands[0]).toMatchObject({
    body: { type: 'MessageUndecided', data: { attempt: 0, look: 1 } },
  });
});

test('a stronger reason to stop stays, and what has left our hand stays away', () => {
  const taken: Draining = { ...draining, halt: 'taken' };
  expect(salvage(taken, { kind: 'stop' }, plainly).state).toEqual(taken);
  expect(salvage({ kind: 'done' }, answered, plainly)).toEqual({ state: { kind: 'done' }, commands: [] });
});
