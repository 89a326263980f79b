import { type Client, eventSubjects } from '@herald/contracts';
import { loadRecord } from '@herald/event-log';
import { eventually, someClient } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatsFixture } from '../../../test/stats-fixture.ts';
import { aMailing, clientStep, entity, moment } from '../../../test/story.ts';

const mailing = aMailing('spring', { filter: { tags: ['vip'] } });
const laneOf = (subject: string): string | undefined => subject.split('.')[1];

let fixture: StatsFixture;
beforeAll(async () => {
  fixture = await StatsFixture.start();
});
afterAll(() => fixture.stop());

test('a lane that is behind the start hides what it has not folded, and nothing else', async () => {
  // Both are other lanes than the one of the mailing, and than the first one.
  const [lane = '', otherLane = ''] = ['1', '2', '3'].filter(
    (one) => one !== laneOf(eventSubjects.mailing(mailing.id)),
  );
  const find = (wanted = lane): Client => {
    for (;;) {
      const client = someClient({ tag: 'news' });
      if (laneOf(eventSubjects.client(client.id)) === wanted) return client;
    }
  };
  const [known, changed, unknown] = [find(), find(), find()] as const;
  const [folded, unfolded] = [find(otherLane), find(otherLane)] as const;
  await fixture.append(
    clientStep('ClientRegistered', known, moment(0)),
    clientStep('ClientRegistered', changed, moment(0)),
  );
  const { text = '' } = (await loadRecord(fixture.tester.broker, 1)) ?? {};
  // There the lane ends, as before everything that only a newer release can read.
  const stop = ({ id }: Client): Promise<number> =>
    fixture.appendText(eventSubjects.client(id), text.replace('ClientRegistered', 'ClientArchived'));
  await stop(find());
  await fixture.append(
    clientStep('ClientChanged', { ...changed, tag: 'vip' }, moment(1)),
    clientStep('ClientRegistered', { ...unknown, tag: 'vip' }, moment(1)),
    entity('MailingCreated', { ...mailing, status: 'scheduled', startedAt: null }, moment(1)),
    entity('MailingStarted', mailing, moment(2)),
    clientStep('ClientRegistered', folded, moment(3)),
  );
  // This one ends behind the start: what comes then does not matter.
  await stop(find(otherLane));
  await fixture.append(clientStep('ClientRegistered', unfolded, moment(4)));
  await fixture.startService(16);
  await eventually(async () => (await fixture.statsOf(mailing))?.status === 'running', {
    message: 'the start is folded',
  });
  const found = async ({ id }: Client): Promise<unknown> => {
    const answer = await fixture.why(mailing, id);
    if (answer.kind === 'missing') return answer;
    const { outcome, reasons } = answer.explanation;
    return [outcome, reasons.map(({ code, event }) => `${code} ${event}`)[0]];
  };
  await eventually(async () => String(await found(folded)).includes('registered-after-start'));
  expect(await found(unfolded)).toEqual(['not-addressed', 'audience-fixed-at-start MailingStarted']);
  expect(await found(known)).toEqual(['not-addressed', 'tag-not-in-filter MailingStarted']);
  expect(await found(changed)).toEqual(['undetermined', 'statistics-behind ClientChanged']);
  expect(await found(unknown)).toEqual(['undetermined', 'statistics-behind ClientRegistered']);
});
