import { eventSubjects, type LogScope, newId } from '@herald/contracts';
import { eventually, someClient } from '@herald/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StatsFixture } from '../../../test/stats-fixture.ts';
import {
  aMailing,
  clientStep,
  ending,
  entity,
  grouped,
  moment,
  outcome,
  queued,
} from '../../../test/story.ts';

const spring = aMailing('spring');
const autumn = aMailing('autumn');
const anna = someClient();
const boris = someClient();
const ofSpring = (withMessages: boolean): LogScope => ({
  kind: 'mailing',
  mailingId: spring.id,
  withMessages,
});
const ofAnna: LogScope = { kind: 'client', clientId: anna.id };
const all: LogScope = { kind: 'all' };
const bad = '{"not": "an event"}';
const newer = JSON.stringify({
  specversion: '1.0',
  id: newId(),
  source: 'mailing',
  type: 'MailingArchived',
  time: moment(0).toISOString(),
  correlationid: 'later',
  dataversion: 1,
  data: {},
});

let fixture: StatsFixture;
beforeEach(async () => {
  fixture = await StatsFixture.start();
});
afterEach(() => fixture.stop());

const items = async (scope: LogScope, more: object = {}): Promise<readonly number[]> =>
  (await fixture.positions({ scope, ...more })).items;

/** Everything, page after page. */
async function pages(scope: LogScope, limit: number): Promise<readonly (readonly number[])[]> {
  const found: (readonly number[])[] = [];
  let after: number | null = null;
  do {
    const page: Awaited<ReturnType<StatsFixture['positions']>> = await fixture.positions({
      scope,
      limit,
      after,
    });
    found.push(page.items);
    after = page.next;
  } while (after !== null);
  return found;
}

test('positions are those of the entity alone, in order, with what cannot be read and, asked for, its messages', async () => {
  const { id } = spring;
  await fixture.append(
    clientStep('ClientRegistered', anna, moment(0)), // 1
    entity('MailingCreated', spring, moment(0)),
    clientStep('ClientRegistered', boris, moment(0)),
    entity('MailingStarted', spring, moment(0)),
    queued(spring, 0, 1, 4, moment(0)), // 5
    entity('MailingCreated', autumn, moment(0)),
    queued(autumn, 0, 5, 4, moment(0)),
    grouped(spring, 0, 1, [
      outcome('MessageSent', spring, 0, 1, moment(1)),
      outcome('MessageSent', spring, 0, 2, moment(90)),
    ]),
    outcome('MessageSent', autumn, 0, 5, moment(1)),
    clientStep('ClientChanged', anna, moment(2)), // 10
  );
  await fixture.appendText(eventSubjects.mailing(id), bad);
  await fixture.appendText(eventSubjects.client(anna.id), bad);
  await fixture.appendText(eventSubjects.outcome(id, 0), bad);
  await fixture.appendText(eventSubjects.batch(id, 0), bad);
  const last = await fixture.append(
    ending('MessagesExpired', spring, 0, [3, 4], moment(91)), // 15
    entity('MailingExpired', spring, moment(91)),
    clientStep('ClientRemoved', anna, moment(92)),
    // One record of two bins of time is one position.
    grouped(autumn, 0, 5, [
      outcome('MessageSent', autumn, 0, 6, moment(1)),
      outcome('MessageSent', autumn, 0, 7, moment(90)),
    ]),
    outcome('MessageSent', autumn, 0, 8, moment(93)),
  );
  await fixture.startService();
  await fixture.folded(last);

  expect(await items(ofAnna)).toEqual([1, 10, 12, 17]);
  expect(await items(ofSpring(false))).toEqual([2, 4, 11, 16]);
  expect(await items(ofSpring(true))).toEqual([2, 4, 5, 8, 11, 13, 15, 16]);
  expect(await items(all)).toEqual([1, 2, 3, 4, 6, 10, 11, 12, 16, 17]);
  expect(await items({ kind: 'client', clientId: newId() })).toEqual([]);

  expect(await pages(ofSpring(true), 3)).toEqual([
    [2, 4, 5],
    [8, 11, 13],
    [15, 16],
  ]);
  expect(await pages(all, 5)).toEqual([
    [1, 2, 3, 4, 6],
    [10, 11, 12, 16, 17],
  ]);
  expect(await pages({ kind: 'mailing', mailingId: autumn.id, withMessages: true }, 1)).toEqual(
    [6, 7, 9, 18, 19].map((position) => [position]),
  );
  expect(await items(all, { after: 12 })).toEqual([16, 17]);
  expect(await items(all, { from: 'newest', limit: 3 })).toEqual([12, 16, 17]);
  expect(await items(ofSpring(true), { from: 'newest', limit: 4 })).toEqual([11, 13, 15, 16]);
  const { asOf } = await fixture.positions({ scope: all });
  expect(Date.parse(asOf)).toBeGreaterThan(Date.now() - 60_000);
});

test('of several lanes nothing is told that a slower one may still add to', async () => {
  const others = Array.from({ length: 40 }, () => someClient());
  await fixture.append(
    clientStep('ClientRegistered', anna, moment(0)),
    clientStep('ClientRegistered', boris, moment(0)),
  );
  // Its lane ends there, as before everything that only a newer release can read.
  const stuck = await fixture.appendText(eventSubjects.mailing(spring.id), newer);
  await fixture.append(...others.map((client) => clientStep('ClientRegistered', client, moment(1))));
  await fixture.startService(16);
  const own = (clientId: string) => items({ kind: 'client', clientId });
  const lane = eventSubjects.mailing(spring.id).split('.')[1];
  const elsewhere = others.filter(({ id }) => eventSubjects.client(id).split('.')[1] !== lane);
  await eventually(
    async () => (await Promise.all(elsewhere.map(({ id }) => own(id)))).every(({ length }) => length === 1),
    { message: 'the other lanes are folded' },
  );
  expect(await items(all)).toEqual([1, 2]);
  expect(await items(all, { from: 'newest', limit: 1 })).toEqual([stuck - 1]);
  expect((await fixture.positions({ scope: all, limit: 1 })).next).toBe(1);
  expect((await fixture.positions({ scope: all, limit: 2 })).next).toBeNull();
});
