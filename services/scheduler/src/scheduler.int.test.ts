import { setTimeout } from 'node:timers/promises';
import type { HeraldEvent } from '@herald/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SchedulerFixture } from '../test/scheduler-fixture.ts';

const HOUR_MS = 3_600_000;

let fixture: SchedulerFixture;
beforeEach(async () => {
  fixture = await SchedulerFixture.start();
});
afterEach(() => fixture.stop());

const types = (events: readonly HeraldEvent[]): string[] => events.map(({ type }) => type);

test('two schedulers start and end every mailing on time, with one event each', async () => {
  await fixture.answerPending();
  await fixture.startScheduler();
  await fixture.startScheduler();
  const mailings = await Promise.all(Array.from({ length: 10 }, () => fixture.create(800, 2_500)));
  for (const mailing of mailings) await fixture.untilLast(mailing, 'MailingExpired');
  await setTimeout(300);
  for (const mailing of mailings) {
    const events = await fixture.eventsOf(mailing);
    expect(types(events)).toStrictEqual(['MailingCreated', 'MailingStarted', 'MailingExpired']);
    const [, started, expired] = events;
    for (const [event, due] of [
      [started, mailing.startAt],
      [expired, mailing.endAt],
    ] as const) {
      const late = Date.parse(event?.time ?? '') - Date.parse(due);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(10_000);
    }
    expect(started?.data.mailing).toMatchObject({ status: 'running', startedAt: started?.time, version: 1 });
    expect(expired?.data.mailing).toMatchObject({
      status: 'expired',
      endedAt: expired?.time,
      settledAt: null,
    });
  }
});

test('a mailing whose scheduler slept from its start to its end expires unstarted', async () => {
  await fixture.answerPending();
  const mailing = await fixture.create(-2_000, -1_000);
  await fixture.startScheduler();
  const events = await fixture.untilLast(mailing, 'MailingExpired');
  expect(types(events)).toStrictEqual(['MailingCreated', 'MailingExpired']);
  expect(events[1]?.data.mailing).toMatchObject({ startedAt: null, settledAt: events[1]?.time });
});

test('a start that has passed while nobody was there is made good at once', async () => {
  await fixture.answerPending();
  const mailing = await fixture.create(-5_000, HOUR_MS);
  await fixture.startScheduler();
  await fixture.untilLast(mailing, 'MailingStarted');
});

test('a changed start moves the alarm, to sooner and to later', async () => {
  await fixture.answerPending();
  const sooner = await fixture.create(HOUR_MS, 2 * HOUR_MS);
  await fixture.startScheduler();
  const later = await fixture.create(1_500, 2 * HOUR_MS);
  const inMs = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();
  await fixture.append('MailingChanged', { ...later, startAt: inMs(HOUR_MS) });
  await fixture.append('MailingChanged', { ...sooner, startAt: inMs(300) });
  await fixture.untilLast(sooner, 'MailingStarted');
  await setTimeout(1_700);
  expect(types(await fixture.eventsOf(later))).toStrictEqual(['MailingCreated', 'MailingChanged']);
});

test('a changed end moves the alarm of a running mailing', async () => {
  await fixture.answerPending();
  const mailing = await fixture.create(-1_000, HOUR_MS);
  await fixture.startScheduler();
  const started = (await fixture.untilLast(mailing, 'MailingStarted')).at(-1)?.data.mailing ?? mailing;
  await fixture.append('MailingChanged', { ...started, endAt: new Date(Date.now() + 300).toISOString() });
  await fixture.untilLast(mailing, 'MailingExpired');
});

test('a mailing that was deleted is neither started nor ended', async () => {
  await fixture.answerPending();
  await fixture.startScheduler();
  const mailing = await fixture.create(1_500, 1_600);
  await fixture.append('MailingDeleted', { ...mailing, status: 'deleted' });
  await setTimeout(2_000);
  expect(types(await fixture.eventsOf(mailing))).toStrictEqual(['MailingCreated', 'MailingDeleted']);
});

test('what the answer at boot does not know yet stands in the log behind it', async () => {
  const known = await fixture.create(1_000, HOUR_MS);
  fixture.answerUpTo = await fixture.append('MailingChanged', known);
  const unknown = await fixture.create(100, HOUR_MS);
  await fixture.append('MailingChanged', { ...known, startAt: new Date(Date.now() + 100).toISOString() });
  await fixture.answerPending();
  await fixture.startScheduler();
  await fixture.untilLast(unknown, 'MailingStarted');
  await fixture.untilLast(known, 'MailingStarted');
});

test('an answer of many pages is read to its end', async () => {
  fixture.pageSize = 2;
  const mailings = await Promise.all(Array.from({ length: 7 }, () => fixture.create(-1_000, HOUR_MS)));
  await fixture.answerPending();
  await fixture.startScheduler();
  for (const mailing of mailings) await fixture.untilLast(mailing, 'MailingStarted');
});

test('a scheduler waits for the mailing service, and another takes over from one that was stopped', async () => {
  const mailing = await fixture.create(-1_000, HOUR_MS);
  const { runtime, ready } = await fixture.beginScheduler();
  await setTimeout(700);
  expect(types(await fixture.eventsOf(mailing))).toStrictEqual(['MailingCreated']);
  await fixture.answerPending();
  await ready;
  await fixture.untilLast(mailing, 'MailingStarted');

  const next = await fixture.create(1_500, HOUR_MS);
  await fixture.stopScheduler(runtime);
  await fixture.startScheduler();
  await fixture.untilLast(next, 'MailingStarted');
});

test('an event that cannot be read keeps no other mailing from its start', async () => {
  await fixture.answerPending();
  await fixture.startScheduler();
  const before = await fixture.create(300, HOUR_MS);
  await fixture.appendUnreadable(before);
  const after = await fixture.create(300, HOUR_MS);
  await fixture.untilLast(before, 'MailingStarted');
  await fixture.untilLast(after, 'MailingStarted');
});
