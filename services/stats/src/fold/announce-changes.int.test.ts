import { allStatsChanges, eventSubjects, mailingOfStatsChange } from '@herald/contracts';
import { eventually, someClient } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import { aMailing, ending, entity, moment, outcome, queued } from '../../test/story.ts';

const spring = aMailing('spring');
const autumn = aMailing('autumn');

let fixture: StatsFixture;
const told: string[] = [];
beforeAll(async () => {
  fixture = await StatsFixture.start();
  const { connection } = fixture.tester.broker;
  connection.subscribe(allStatsChanges, {
    callback: (_error, { subject }) => {
      told.push(mailingOfStatsChange(subject));
    },
  });
  await connection.flush();
});
afterAll(() => fixture.stop());

test('a chunk tells once of each mailing that it has changed, when the change can be read', async () => {
  await fixture.append(
    entity('MailingCreated', spring, moment(0)),
    queued(spring, 0, 1, 3, moment(1)),
    outcome('MessageSent', spring, 0, 1, moment(2)),
    outcome('MessageSent', spring, 0, 2, moment(2)),
    queued(autumn, 0, 4, 1, moment(2)),
    ending('MessagesExpired', spring, 0, [3], moment(3)),
  );
  await fixture.startService();
  await eventually(() => told.length >= 2, { message: 'both are told of' });
  expect(told.toSorted()).toEqual([spring.id, autumn.id].toSorted());
  expect(await fixture.statsOf(spring)).toMatchObject({ counts: { sent: 2, expired: 1 } });
});

test('what changes no statistics is not told', async () => {
  told.length = 0;
  const client = someClient();
  await fixture.append(
    {
      subject: eventSubjects.client(client.id),
      body: { type: 'ClientRegistered', data: { client, recentCommands: [] } },
      at: moment(4),
    },
    {
      subject: eventSubjects.batch(spring.id, 0),
      body: { type: 'BatchCompleted', data: { mailingId: spring.id, batch: 0, messages: 3 } },
      at: moment(4),
    },
    entity('MailingPaused', { ...autumn, status: 'paused' }, moment(5)),
  );
  await eventually(() => told.length > 0, { message: 'the pause is told of' });
  expect(told).toEqual([autumn.id]);
});
