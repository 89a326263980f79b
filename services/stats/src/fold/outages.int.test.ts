import { eventSubjects, makeEvent } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import { aMailing, entity, moment, outcome, queued, type Step } from '../../test/story.ts';

const spring = aMailing('spring');
const SIZE = 100;

let fixture: StatsFixture;
beforeEach(async () => {
  fixture = await StatsFixture.start();
  await fixture.append(
    entity('MailingStarted', spring, moment(0)),
    queued(spring, 0, 1, SIZE, moment(0)),
    entity('MailingAudienceResolved', { ...spring, audience: { messages: SIZE, batches: 1 } }, moment(1)),
  );
});
afterEach(() => fixture.stop());

const send = (messageId: number): Promise<number> =>
  fixture.append(outcome('MessageSent', spring, 0, messageId, moment(messageId)));

const sentIs = (sent: number): Promise<true> =>
  eventually(
    async () => {
      const stats = await fixture.statsOf(spring);
      expect(stats).toMatchObject({ planned: SIZE, counts: { queued: SIZE - sent, sent } });
      return true as const;
    },
    { message: `${sent} are counted as sent`, timeoutMs: 20_000 },
  );

test('another instance goes on where the one that folded was stopped', async () => {
  const first = await fixture.startService();
  await send(1);
  await sentIs(1);
  await fixture.startService();
  await send(2);
  await sentIs(2);
  await fixture.stopService(first);
  await fixture.folded(await send(3));
  await sentIs(3);
});

test('an event that cannot be read is parked with its text, and what comes after it counts', async () => {
  await fixture.startService();
  const broken = '{"not": "an event"}';
  const subject = eventSubjects.outcome(spring.id, 0);
  const sequence = await fixture.appendText(subject, broken);
  await fixture.folded(await send(1));
  await sentIs(1);
  const { rows } = await fixture.execute('select sequence, subject, text from parked_event');
  expect(rows).toStrictEqual([{ sequence, subject, text: broken }]);
});

test('an event that cannot be written is parked alone, and its chunk counts', async () => {
  const again = await fixture.append(queued(spring, 1, SIZE, 2, moment(2)));
  const last = await send(SIZE);
  await fixture.startService();
  await fixture.folded(last);
  await sentIs(1);
  const { rows } = await fixture.execute('select sequence from parked_event');
  expect(rows).toStrictEqual([{ sequence: again }]);
});

test('a record that was sent again, since nobody acknowledged it, counts once and stands in a history once', async () => {
  await fixture.startService();
  const retried = outcome('MessageRetried', spring, 0, 1, moment(2));
  const again = outcome('MessageRetried', spring, 0, 1, moment(3), 2);
  const text = (step: Step): string =>
    JSON.stringify(makeEvent(step.body, { source: 'tester', correlationId: 'test' }, step.at));
  const [first, second] = [text(retried), text(again)];
  for (const record of [first, second]) await fixture.appendText(retried.subject, record);
  // Once more in a chunk of their own, as after a lost acknowledgement.
  await fixture.folded(await send(2));
  for (const record of [first, second]) await fixture.appendText(retried.subject, record);
  await fixture.folded(await fixture.append(outcome('MessageSent', spring, 0, 1, moment(4), 3)));
  expect(await fixture.statsOf(spring)).toMatchObject({ retries: 2 });
  const message = await fixture.message(1);
  expect(message?.history.map((entry) => entry.attempt)).toStrictEqual([null, 1, 2, 3]);
});

test('connections that are cut again and again while it folds make nothing count twice or not at all', async () => {
  await fixture.startService();
  for (let first = 1; first <= 81; first += 20) {
    const sending = Promise.all(Array.from({ length: 20 }, (_, index) => send(first + index)));
    await fixture.killConnections();
    await sending;
    await fixture.killConnections();
    await sentIs(first + 19);
  }
  const { rows } = await fixture.execute('select 1 from parked_event');
  expect(rows).toStrictEqual([]);
});

test('in every answer of a single lane the planned are the sum of the counts while messages end', async () => {
  await fixture.startService();
  const sending = (async () => {
    for (let id = 1; id <= SIZE; id += 1) await send(id);
  })();
  const wrong: unknown[] = [];
  let sent = -1;
  await eventually(
    async () => {
      const [stats, { items }] = await Promise.all([fixture.statsOf(spring), fixture.overview()]);
      for (const row of [stats, ...items]) {
        if (row === null) continue;
        const sum = Object.values(row.counts).reduce((total, count) => total + count, 0);
        if (sum !== row.planned) wrong.push(row);
      }
      const before = sent;
      sent = stats?.counts.sent ?? -1;
      if (sent < before) wrong.push({ sent, before });
      return sent === SIZE;
    },
    { everyMs: 1 },
  );
  await sending;
  expect(wrong).toEqual([]);
});
