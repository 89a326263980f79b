import { makeEvent } from '@herald/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import { aMailing, ending, entity, grouped, moment, outcome, queued, type Step } from '../../test/story.ts';

const spring = aMailing('spring');

let fixture: StatsFixture;
beforeEach(async () => {
  fixture = await StatsFixture.start();
});
afterEach(() => fixture.stop());

/** A batch whose events are in the way of each other: what one of them comes to depends on those before it. */
const story: readonly Step[] = [
  entity('MailingStarted', spring, moment(0)),
  queued(spring, 0, 1, 4, moment(0)),
  queued(spring, 1, 5, 2, moment(0)),
  grouped(spring, 0, 1, [
    outcome('MessageRetried', spring, 0, 1, moment(1), 1),
    outcome('MessageFailed', spring, 0, 2, moment(2), 1, 'first'),
  ]),
  outcome('MessageSent', spring, 0, 1, moment(3), 2),
  outcome('MessageSent', spring, 0, 2, moment(4), 1),
  outcome('MessageSent', spring, 1, 5, moment(4), 1),
  ending('MessagesExpired', spring, 0, [1, 2, 3], moment(90)),
  entity('MailingPaused', { ...spring, status: 'paused', name: 'later' }, moment(91)),
];

async function answers(): Promise<unknown> {
  const stats = { ...(await fixture.statsOf(spring)), asOf: null };
  const past = await fixture.statsOf(spring, { at: new Date().toISOString() });
  const messages = await fixture.allMessages({}, 50);
  return { stats, past: { ...past, asOf: null }, messages };
}

/** What the model is without any trouble. */
async function cleanAnswers(last: number): Promise<unknown> {
  await fixture.useNewDatabase();
  const service = await fixture.startService();
  await fixture.folded(last);
  const clean = await answers();
  await fixture.stopService(service);
  return clean;
}

/** Statements on a table fail for as long as this stands. */
const break_ = (table: string, condition: string): Promise<unknown> =>
  fixture.execute(`
    create function stats_1.refuse() returns trigger language plpgsql as
      $$ begin if ${condition} then raise exception 'broken on purpose'; end if; return new; end $$;
    create trigger refuse before insert or update on stats_1.${table} for each row execute function stats_1.refuse()`);
const mend = (): Promise<unknown> => fixture.execute('drop function stats_1.refuse() cascade');

test.each([
  ['a batch', 'queued_batch', 'new.batch = 0'],
  ['outcomes', 'message_error', "new.error = 'first'"],
  ['an event of a mailing', 'mailing_version', "new.type = 'MailingStarted'"],
])(
  '%s that could not be written counts after a redrive as if there had been no trouble',
  async (_, table, condition) => {
    const service = await fixture.startService();
    await break_(table, condition);
    let last = 0;
    for (const step of story) last = await fixture.append(step);
    await fixture.folded(last);
    const [first] = await fixture.parked();
    if (first === undefined) throw new Error('nothing is parked');
    expect(first).toMatchObject({
      model: 'stats',
      fold: 'lane-0',
      error: expect.stringContaining('broken on purpose'),
    });
    expect(await fixture.redrive(first)).toMatchObject({ outcome: 'parked' });
    await mend();
    for (const one of await fixture.parked()) await fixture.redrive(one);
    expect(await fixture.parked()).toEqual([]);
    const mended = await answers();
    await fixture.beginJob({ kind: 'verify', lanes: null });
    expect(await fixture.jobEnded()).toMatchObject({ differences: [] });
    await fixture.stopService(service);
    expect(mended).toStrictEqual(await cleanAnswers(last));
  },
);

test('nothing is taken out of a batch that holds what only a newer release can read', async () => {
  const first = await fixture.startService();
  await fixture.append(...story.slice(0, 2));
  const { subject } = queued(spring, 0, 1, 4, moment(0));
  const outcomes = subject.replace('.queued', '.outcome');
  const position = await fixture.appendText(outcomes, '{"not": "an event"}');
  await fixture.folded(position);
  const sent = outcome('MessageSent', spring, 0, 1, moment(3));
  const event = makeEvent(sent.body, { source: 'tester', correlationId: 'test' }, sent.at);
  const newer = await fixture.appendText(outcomes, JSON.stringify({ ...event, dataversion: 99 }));
  await fixture.stopService(first);
  // As an operator does who skips it.
  await fixture.execute(`update stats_1.checkpoint set sequence = ${newer}, last_event_id = null`);
  const second = await fixture.startService();
  await fixture.folded(await fixture.append(outcome('MessageSent', spring, 0, 2, moment(4))));
  expect(await fixture.redrive({ fold: 'lane-0', position })).toMatchObject({
    outcome: 'parked',
    error: expect.stringContaining('newer'),
  });
  expect(await fixture.statsOf(spring)).toMatchObject({ planned: 4, counts: { sent: 1, queued: 3 } });
  await fixture.stopService(second);
});

test('what cannot be read stays parked, and its batch is what it was', async () => {
  const service = await fixture.startService();
  let last = 0;
  for (const step of story) last = await fixture.append(step);
  const [, , , some] = story;
  const position = await fixture.appendText(some?.subject ?? '', '{"not": "an event"}');
  await fixture.folded(position);
  const before = await answers();
  expect(await fixture.redrive({ fold: 'lane-0', position })).toMatchObject({ outcome: 'parked' });
  expect(await fixture.parked()).toMatchObject([{ position, type: null }]);
  expect(await answers()).toStrictEqual(before);
  expect(await fixture.redrive({ fold: 'lane-0', position: last })).toMatchObject({ outcome: 'not-found' });
  await fixture.stopService(service);
});
