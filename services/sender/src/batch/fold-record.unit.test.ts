import { makeEvent, newId } from '@herald/contracts';
import { expect, test } from 'vitest';
import { decisions } from './decisions.ts';
import { foldRecord } from './fold-record.ts';
import { initialProgress } from './progress.ts';

const mailingId = newId();
const clientIds = [newId(), newId()];
const fresh = () => initialProgress({ mailingId, batch: 0, timezone: 'UTC', firstMessageId: 10, clientIds });
const [first, second] = fresh();

const undecided = (look: number): string => {
  const about = { mailingId, batch: 0, messageId: 10, clientId: clientIds[0] ?? '', mailingVersion: 1 };
  const data = { ...about, attempt: 0, look, error: 'undecidable: Error' };
  return JSON.stringify(
    makeEvent({ type: 'MessageUndecided', data }, { source: 's', correlationId: 'c' }, new Date()),
  );
};

test('looks in vain are counted', () => {
  const messages = fresh();
  expect([undecided(1), undecided(2)].map((text) => foldRecord(messages, text, decisions.after))).toEqual([
    null,
    null,
  ]);
  expect(messages).toEqual([{ ...first, looks: 2 }, second]);
});

test.each([{ messageId: 10 }, { messageIds: [10, 99] }])(
  'a record that cannot be read but says whom it is about (%o) leaves those in doubt, and nobody else',
  (data) => {
    const messages = fresh();
    const text = JSON.stringify({ type: 'MessageSent', dataversion: 1, data });
    expect(foldRecord(messages, text, decisions.after)).toBeNull();
    expect(messages).toEqual([
      { ...first, lost: true, unreadable: expect.stringMatching(/^ZodError/), isRecordBad: true },
      second,
    ]);
  },
);

test('a record that names nobody leaves the whole batch in doubt', () => {
  const messages = fresh();
  for (const text of ['nothing', '{}', 'null', '{"type":"MessageSent","dataversion":1,"data":{}}']) {
    expect(foldRecord(messages, text, decisions.after)).toMatchObject({ isNewer: false });
  }
  expect(messages).toEqual(fresh());
});

test.each([
  { type: 'MessageSent', dataversion: 9 },
  { type: 'MessageDelivered', dataversion: 1 },
])('a record of a newer release (%o) is left to that', (envelope) => {
  const messages = fresh();
  const text = JSON.stringify({ ...envelope, data: { messageId: 10 } });
  expect(foldRecord(messages, text, decisions.after)).toMatchObject({ isNewer: true });
  expect(messages).toEqual(fresh());
});

test('where the fold itself breaks, the end and the counts of a message are known all the same', () => {
  const after = (): never => {
    throw new Error('poison');
  };
  const messages = fresh();
  foldRecord(messages, undecided(2), after);
  expect(messages).toEqual([{ ...first, looks: 2, unreadable: expect.stringContaining('poison') }, second]);
});

const group = (...outcomes: object[]): string =>
  JSON.stringify({
    ...makeEvent(
      { type: 'BatchCompleted', data: { mailingId, batch: 0, messages: 1 } },
      { source: 's', correlationId: 'c' },
      new Date(),
    ),
    type: 'OutcomesRecorded',
    data: { mailingId, batch: 0, firstMessageId: 10, outcomes },
  });
const call = { startedAt: '2026-01-01T00:00:00.000Z', durationMs: 1, statusCode: 200 };
const sent = (place: number): object => ({ type: 'MessageSent', place, attempt: 1, mailingVersion: 1, call });

test('every outcome of a group is folded into its message', () => {
  const messages = fresh();
  expect(foldRecord(messages, group(sent(1), sent(0)), decisions.after)).toBeNull();
  expect(messages.map(({ ended, attempts }) => [ended, attempts])).toEqual([
    [true, 1],
    [true, 1],
  ]);
});

test('an outcome of a group that cannot be read leaves its own message in doubt, and no other', () => {
  const messages = fresh();
  const bad = { type: 'MessageSent', place: 0, attempt: 'once' };
  expect(foldRecord(messages, group(bad, sent(1)), decisions.after)).toBeNull();
  expect(messages).toEqual([
    { ...first, lost: true, unreadable: expect.stringMatching(/^ZodError/), isRecordBad: true },
    { ...second, attempts: 1, ended: true },
  ]);
});

test('an outcome of a group that names no place leaves the batch in doubt, and what can be read is known', () => {
  const messages = fresh();
  expect(foldRecord(messages, group({ type: 'MessageSent' }, sent(1)), decisions.after)).toMatchObject({
    isNewer: false,
  });
  expect(messages).toEqual([first, { ...second, attempts: 1, ended: true }]);
});

test.each([
  { outcomes: [sent(2)], firstMessageId: 10 },
  { outcomes: [sent(0), sent(2)], firstMessageId: 10 },
  { outcomes: [sent(0)], firstMessageId: 12 },
])('a group that names messages of another batch (%o) leaves the whole batch in doubt', (data) => {
  const text = JSON.stringify({ ...JSON.parse(group()), data: { mailingId, batch: 0, ...data } });
  expect(foldRecord(fresh(), text, decisions.after)).toMatchObject({ isNewer: false });
});
