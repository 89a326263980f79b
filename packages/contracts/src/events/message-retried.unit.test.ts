import { expect, test } from 'vitest';
import { parseEvent } from '../event.ts';

/** As releases from before there was `refusal` wrote it. */
const STORED =
  '{"specversion":"1.0","id":"0199c2b5-7d3e-7a11-8f00-3b1f5a9c7d21","source":"sender",' +
  '"time":"2026-03-01T12:00:00.000Z","correlationid":"c-1","causationid":"0199c2b5-7d3e-7a11-8f00-3b1f5a9c7d20",' +
  '"dataversion":1,"type":"MessageRetried","data":{"mailingId":"0199c2b5-7d3e-7a11-8f00-3b1f5a9c7d22","batch":0,' +
  '"messageId":17,"clientId":"0199c2b5-7d3e-7a11-8f00-3b1f5a9c7d23","attempt":1,"mailingVersion":2,' +
  '"error":"status 403","answer":"refused","call":{"startedAt":"2026-03-01T11:59:59.900Z","durationMs":99.5,' +
  '"statusCode":403}}}';

test('a retry from before there were refusals of a message is read as it was written', () => {
  expect(parseEvent(STORED)).toStrictEqual(JSON.parse(STORED));
});

test.for(['message', 'token'] as const)('a refusal of the kind “%s” is read as it was written', (refusal) => {
  const event = JSON.parse(STORED);
  const text = JSON.stringify({ ...event, data: { ...event.data, refusal } });
  expect(parseEvent(text)).toStrictEqual(JSON.parse(text));
});

test.for(['other', 7, null])(
  'a refusal of a kind that only a newer release knows (%o) is read as none',
  (refusal) => {
    const event = JSON.parse(STORED);
    const read = parseEvent(JSON.stringify({ ...event, data: { ...event.data, refusal } }));
    expect(JSON.parse(JSON.stringify(read))).toStrictEqual(event);
  },
);
