import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { eventSamples } from '../test/samples.ts';
import { isClientEvent, isMailingEvent, makeEvent, parseEvent } from './event.ts';
import { type EventBody, type EventType, eventCatalogue } from './events/catalogue.ts';

const types = Object.keys(eventCatalogue) as EventType[];
const provenance = { source: 'tester', correlationId: 'c-1', causationId: 'k-1', actor: 'anna' };
const at = new Date('2026-03-01T12:00:00.000Z');
const id = '11111111-1111-4111-8111-111111111111';

const sample = (type: EventType) =>
  makeEvent({ type, data: eventSamples[type] } as EventBody, provenance, at, id);
const sent = { ...sample('MessageSent') };
const parse = (value: unknown) => () => parseEvent(JSON.stringify(value));

describe('every event', () => {
  test.each(types)('%s is read as it was written', (type) => {
    expect(parseEvent(JSON.stringify(sample(type)))).toStrictEqual(sample(type));
  });

  test.each(types)('%s stands in the catalogue under its own name', (type) => {
    expect(eventCatalogue[type].type).toBe(type);
  });

  test.each(types)('%s with any part of its data missing is refused', (type) => {
    const event = sample(type);
    for (const key of Object.keys(event.data)) {
      const data = Object.fromEntries(Object.entries(event.data).filter(([name]) => name !== key));
      expect(parse({ ...event, data }), key).toThrow(ZodError);
    }
  });

  test.each(types)('%s is of a client, of a mailing, or of messages', (type) => {
    expect(isClientEvent(sample(type))).toBe(type.startsWith('Client'));
    expect(isMailingEvent(sample(type))).toBe(type.startsWith('Mailing'));
  });
});

test('a mailing from before there were rate limits and priorities has no limit and the middle weight', () => {
  const { rateLimit: _limit, priority: _weight, ...mailing } = eventSamples.MailingStarted.mailing;
  const old = { ...sample('MailingStarted'), data: { mailing, recentCommands: [] } };
  expect(parseEvent(JSON.stringify(old)).data).toMatchObject({ mailing: { rateLimit: null, priority: 5 } });
});

test('an event from before events told results says nothing of a fingerprint, and one of today does', () => {
  expect(parseEvent(JSON.stringify(sample('ClientChanged')))).not.toHaveProperty('fingerprint');
  const body = { type: 'ClientChanged', data: eventSamples.ClientChanged } as const;
  const told = makeEvent(body, { ...provenance, fingerprint: 'f-1' }, at, id);
  expect(parseEvent(JSON.stringify(told))).toStrictEqual({ ...sample('ClientChanged'), fingerprint: 'f-1' });
});

describe('the envelope', () => {
  test('is CloudEvents 1.0 and says where the event comes from', () => {
    expect(sent).toStrictEqual({
      specversion: '1.0',
      id,
      source: 'tester',
      type: 'MessageSent',
      time: '2026-03-01T12:00:00.000Z',
      correlationid: 'c-1',
      causationid: 'k-1',
      actor: 'anna',
      dataversion: 1,
      data: eventSamples.MessageSent,
    });
  });

  test('leaves out what is not known, and gives each event an id of its own', () => {
    const body: EventBody = { type: 'MessageSent', data: eventSamples.MessageSent };
    const [one, two] = [1, 2].map(() => makeEvent(body, { source: 's', correlationId: 'c' }, at));
    expect(Object.keys(one ?? {})).not.toContain('actor');
    expect(Object.keys(one ?? {})).not.toContain('causationid');
    expect(one?.id).not.toBe(two?.id);
  });

  test.each([
    ['another version of the specification', { specversion: '0.3' }],
    ['an id that is none', { id: 'x' }],
    ['a time without its zone', { time: '2026-03-01T12:00:00.000' }],
    ['a time in another zone', { time: '2026-03-01T12:00:00.000+03:00' }],
    ['a time without milliseconds', { time: '2026-03-01T12:00:00Z' }],
    ['no source', { source: '' }],
    ['no correlation', { correlationid: undefined }],
    ['a version that is none', { dataversion: 0 }],
    ['no data', { data: undefined }],
  ])('with %s is refused', (_what, change) => {
    expect(parse({ ...sent, ...change })).toThrow(ZodError);
  });

  test('of a type that is not in the catalogue is refused, also where it is the name of something else', () => {
    for (const type of ['MessageLost', 'toString', '__proto__', 'constructor']) {
      expect(parse({ ...sent, type })).toThrow(/unknown event type/);
    }
  });

  test('of a version that is newer than this program is refused', () => {
    expect(parse({ ...sent, dataversion: 2 })).toThrow(/newer than this program/);
  });

  test('that is no JSON is refused', () => {
    expect(() => parseEvent('{')).toThrow(SyntaxError);
  });

  test('of another type than its data is refused', () => {
    expect(parse({ ...sent, type: 'MailingStarted' })).toThrow(ZodError);
  });
});
