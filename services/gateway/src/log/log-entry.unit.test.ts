import { type EventBody, makeEvent, newId, outcomesOf, parseEvent } from '@herald/contracts';
import { someClient, someMailing } from '@herald/testkit';
import { expect, test } from 'vitest';
import { entryOf, type LogEntry } from './log-entry.ts';

const AT = new Date('2026-03-01T12:00:00.000Z');
const STORED_AT = Date.parse('2026-03-01T12:00:00.007Z') + 0.4;
const provenance = { source: 'mailing', correlationId: 'request-1' };

const shown = (text: string): LogEntry =>
  entryOf({ subject: 'events.0', sequence: 17, storedAt: STORED_AT, pending: 0, text });
const write = (body: EventBody, actor?: string) => makeEvent(body, { ...provenance, actor }, AT);
const known = { position: 17, at: AT.toISOString(), actor: null, correlationId: 'request-1' };

test('an event is shown with who asked for it, and without what only services need', () => {
  const client = someClient();
  const body = { client, recentCommands: [newId()], previousPhone: null };
  expect(shown(JSON.stringify(write({ type: 'ClientChanged', data: body }, 'anna')))).toStrictEqual({
    ...known,
    type: 'ClientChanged',
    actor: 'anna',
    data: { client, previousPhone: null },
  });
});

test('what an older release has written is shown as it is read now', () => {
  const { rateLimit: _, priority: __, ...older } = someMailing();
  const body = { mailing: older, recentCommands: [] };
  const event = { ...write({ type: 'BatchCompleted', data: { mailingId: newId(), batch: 0, messages: 1 } }) };
  const { data } = shown(JSON.stringify({ ...event, type: 'MailingCreated', data: body }));
  expect(data).toEqual({ mailing: { ...older, rateLimit: null, priority: 5 } });
});

const outcome = (place: number, more: object = {}) => ({
  type: 'MessageFailed' as const,
  place,
  attempt: 1,
  mailingVersion: 1,
  error: 'no',
  call: null,
  ...more,
});
const record = (...outcomes: object[]): string => {
  const data = { mailingId: newId(), batch: 0, firstMessageId: 1, outcomes: [outcome(0)] };
  const event = write({ type: 'OutcomesRecorded', data });
  return JSON.stringify({ ...event, data: { ...data, outcomes } });
};

test('of outcomes of which some are damaged the others are shown', () => {
  const entry = shown(record(outcome(0), outcome(-1), outcome(2, { error: 7 }), outcome(3)));
  expect(entry).toMatchObject({ ...known, type: 'OutcomesRecorded', unreadable: 'partly' });
  expect(entry.data?.outcomes).toEqual([outcome(0), outcome(3)]);
});

test('whole records of outcomes are shown as they are', () => {
  const text = record(outcome(0), outcome(1));
  const { data, ...entry } = shown(text);
  expect(entry).toStrictEqual({ ...known, type: 'OutcomesRecorded' });
  expect(data?.outcomes).toHaveLength(outcomesOf(parseEvent(text)).length);
});

const event = write({ type: 'BatchCompleted', data: { mailingId: newId(), batch: 0, messages: 1 } }, 'anna');
const ofEnvelope = { ...known, actor: 'anna', data: null };
const STORED = '2026-03-01T12:00:00.007Z';
const ofNothing = { position: 17, at: STORED, type: null, actor: null, correlationId: null, data: null };

test.each([
  [
    'whose type is not known yet',
    { ...event, type: 'BatchArchived' },
    { ...ofEnvelope, type: 'BatchArchived', unreadable: 'newer' },
  ],
  [
    'of a newer version',
    { ...event, dataversion: 9 },
    { ...ofEnvelope, type: 'BatchCompleted', unreadable: 'newer' },
  ],
  [
    'whose data do not fit',
    { ...event, data: { batch: 0 } },
    { ...ofEnvelope, type: 'BatchCompleted', unreadable: 'damaged' },
  ],
  [
    'whose envelope is broken in parts',
    { ...event, time: 'noon', actor: 7 },
    { ...ofEnvelope, at: STORED, actor: null, type: 'BatchCompleted', unreadable: 'damaged' },
  ],
  ['that is a list', [1, 2], { ...ofNothing, unreadable: 'damaged' }],
  ['that is null', null, { ...ofNothing, unreadable: 'damaged' }],
  [
    'of outcomes of which none can be read',
    JSON.parse(record(outcome(-1), outcome(-2))),
    { ...known, type: 'OutcomesRecorded', data: null, unreadable: 'damaged' },
  ],
])('an event %s is shown as far as it can be read', (_, json, expected) => {
  expect(shown(JSON.stringify(json))).toStrictEqual(expected);
});

test('what is no JSON is shown as something that stands there', () => {
  expect(shown('{"type": "Mailing')).toStrictEqual({ ...ofNothing, unreadable: 'damaged' });
});
