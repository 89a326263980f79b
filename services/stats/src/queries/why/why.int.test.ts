import { deriveId, type Explanation, eventSubjects, newId, outcomesOf, parseEvent } from '@herald/contracts';
import { loadRecord } from '@herald/event-log';
import { someClient } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatsFixture } from '../../../test/stats-fixture.ts';
import {
  aMailing,
  clientId,
  clientStep,
  entity,
  grouped,
  moment,
  outcome,
  queued,
} from '../../../test/story.ts';

/** By the clock of the machine they have not ended. */
const endAt = '2099-01-01T00:00:00.000Z';
const filter = { tags: ['vip'] };
const scheduled = aMailing('spring', { status: 'scheduled', startedAt: null, endAt, filter });
const running = aMailing('spring', { endAt, filter });
const resolved = { ...running, audience: { messages: 5, batches: 2 } };
const coming = aMailing('coming', { status: 'scheduled', startedAt: null, endAt });
const damaged = aMailing('damaged');
const later = aMailing('later');
const numbered = (number: number, tag = 'vip') => someClient({ id: clientId(number), tag });
const changed = someClient({ id: deriveId('client', 'changed'), tag: 'news' });
const gone = someClient({ id: deriveId('client', 'gone'), tag: 'vip' });
const late = someClient({ id: deriveId('client', 'late'), tag: 'vip' });
const unmet = someClient();

let fixture: StatsFixture;
beforeAll(async () => {
  fixture = await StatsFixture.start();
  await fixture.append(
    ...[1, 2, 3, 4, 5].map((number) => clientStep('ClientRegistered', numbered(number), moment(0))),
    clientStep('ClientRegistered', changed, moment(0)),
    clientStep('ClientRegistered', gone, moment(0)),
    clientStep('ClientRemoved', gone, moment(0)),
    entity('MailingCreated', coming, moment(0)),
    entity('MailingCreated', scheduled, moment(0)),
    entity('MailingStarted', running, moment(1)),
    clientStep('ClientRegistered', late, moment(2)),
    clientStep('ClientChanged', { ...changed, tag: 'vip' }, moment(2)),
    queued(running, 0, 1, 3, moment(2)),
    queued(running, 1, 4, 2, moment(2)),
    entity('MailingAudienceResolved', resolved, moment(3)),
    grouped(running, 0, 1, [
      outcome('MessageRetried', running, 0, 1, moment(4), 1, 'status 503'),
      outcome('MessageSent', running, 0, 1, moment(5), 2),
      outcome('MessageFailed', running, 0, 2, moment(5), 1, 'code 5: no such number'),
    ]),
    clientStep('ClientRemoved', numbered(1), moment(6)),
    outcome('MessageRetried', running, 1, 4, moment(6), 1, 'status 500'),
    entity('MailingPaused', { ...resolved, status: 'paused', version: 2 }, moment(7)),
    entity('MailingCreated', { ...damaged, status: 'scheduled', startedAt: null }, moment(7)),
    entity('MailingStarted', damaged, moment(7)),
  );
  await fixture.appendText(eventSubjects.queued(damaged.id, 0), '{"not": "an event"}');
  const audience = { messages: 1, batches: 1 };
  const last = await fixture.append(entity('MailingAudienceResolved', { ...damaged, audience }, moment(8)));
  await fixture.startService();
  await fixture.folded(last);
});
afterAll(() => fixture.stop());

async function explained(mailing: { readonly id: string }, id: string): Promise<Explanation> {
  const found = await fixture.why(mailing, id);
  if (found.kind === 'missing') throw new Error(`no ${found.what}`);
  for (const { event, position, at } of found.explanation.reasons) {
    const record = await loadRecord(fixture.tester.broker, position);
    if (record === null || event === null) continue;
    const standing = parseEvent(record.text);
    const facts = outcomesOf(standing).map(({ outcome: one, at: when }) => ({ type: one.type, at: when }));
    expect([{ type: standing.type, at: standing.time }, ...facts]).toContainEqual({ type: event, at });
  }
  return found.explanation;
}

const codes = ({ outcome: said, reasons }: Explanation) => [
  said,
  ...reasons.map(({ code, event }) => `${code} ${event}`),
];

test.each([
  ['sent, though it was removed since', 1, ['sent', 'sent MessageSent'], 'sent'],
  ['refused', 2, ['failed', 'refused MessageFailed'], 'failed'],
  ['waiting in a pause', 3, ['queued', 'queued MessagesQueued', 'paused MailingPaused'], 'queued'],
  [
    'waiting in a pause after a call',
    4,
    ['queued', 'queued MessagesQueued', 'paused MailingPaused', 'last-attempt MessageRetried'],
    'queued',
  ],
] as const)('a client whose message is %s', async (_, number, expected, status) => {
  const found = await explained(running, clientId(number));
  expect(codes(found)).toEqual(expected);
  expect(found.message).toMatchObject({ id: number, clientId: clientId(number), status });
  expect(Date.parse(found.asOf)).toBeGreaterThan(Date.now() - 120_000);
});

test.each([
  [
    'by its tag as of the start',
    changed.id,
    [
      'tag-not-in-filter MailingStarted',
      'client-at-start ClientRegistered',
      'changed-since-start ClientChanged',
    ],
  ],
  [
    'because it came later',
    late.id,
    ['registered-after-start ClientRegistered', 'audience-fixed-at-start MailingStarted'],
  ],
  [
    'because it was gone',
    gone.id,
    ['removed-before-start ClientRemoved', 'audience-fixed-at-start MailingStarted'],
  ],
])('a client that was not addressed %s', async (_, id, reasons) => {
  const found = await explained(running, id);
  expect(codes(found)).toEqual(['not-addressed', ...reasons]);
  expect(found.message).toBeNull();
});

test('a mailing that is to start', async () => {
  expect(codes(await explained(coming, clientId(1)))).toEqual([
    'not-started',
    'mailing-scheduled MailingCreated',
  ]);
});

test('a batch that cannot be read is named', async () => {
  const found = await explained(damaged, clientId(2));
  expect(found).toMatchObject({
    outcome: 'undetermined',
    reasons: [{ code: 'record-unreadable', event: null, position: 23 }],
  });
});

test('what never was is missing', async () => {
  expect(await fixture.why({ id: newId() }, clientId(1))).toEqual({ kind: 'missing', what: 'mailing' });
  expect(await fixture.why(running, newId())).toEqual({ kind: 'missing', what: 'client' });
});

test('what the statistics have not read is not guessed', async () => {
  // They end before what only a newer release can read.
  const { text = '' } = (await loadRecord(fixture.tester.broker, 1)) ?? {};
  await fixture.appendText(eventSubjects.client(newId()), text.replace('ClientRegistered', 'ClientArchived'));
  await fixture.append(
    clientStep('ClientRegistered', unmet, moment(9)),
    clientStep('ClientChanged', { ...changed, tag: 'other' }, moment(9)),
    entity('MailingStarted', later, moment(10)),
    outcome('MessageRetried', running, 0, 3, moment(11), 1, 'status 503'),
  );
  expect(codes(await explained(later, clientId(1)))).toEqual([
    'undetermined',
    'statistics-behind MailingStarted',
  ]);
  // The log is ahead of them in what it says of a message.
  expect(codes(await explained(running, clientId(3)))).toEqual([
    'queued',
    'queued MessagesQueued',
    'paused MailingPaused',
  ]);
  // They are known up to a start that is folded, whatever became of them since.
  expect(codes(await explained(running, changed.id))[0]).toBe('not-addressed');
  expect(codes(await explained(running, unmet.id))).toEqual([
    'not-addressed',
    'audience-fixed-at-start MailingStarted',
  ]);
});
