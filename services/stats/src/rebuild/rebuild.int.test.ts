import { setTimeout as sleep } from 'node:timers/promises';
import { type EventBody, eventSubjects, type Mailing } from '@herald/contracts';
import { someClient } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import {
  aMailing,
  clientId,
  ending,
  entity,
  grouped,
  moment,
  outcome,
  queued,
  type Step,
} from '../../test/story.ts';
import { sumOf } from '../queries/read-counts.ts';

const [settled, open] = [aMailing('settled'), aMailing('open')];
const BATCHES = 12;
const SIZE = 5;

const firstOf = (mailing: Mailing, batch: number): number =>
  1 + ((mailing === settled ? 0 : BATCHES) + batch) * SIZE;

/** A batch in which something of everything happens; of the open mailing one message stays queued. */
function story(mailing: Mailing, batch: number): Step[] {
  const first = firstOf(mailing, batch);
  const at = (seconds: number): Date => moment(batch * 7 + seconds);
  return [
    queued(mailing, batch, first, SIZE, at(0)),
    grouped(mailing, batch, first, [
      outcome('MessageSent', mailing, batch, first, at(1)),
      outcome('MessageRetried', mailing, batch, first + 1, at(2)),
      outcome('MessageSent', mailing, batch, first + 1, at(3), 2),
      outcome('MessageFailed', mailing, batch, first + 2, at(4)),
      outcome('MessageUnknown', mailing, batch, first + 3, at(5)),
    ]),
    ...(mailing === settled ? [ending('MessagesExpired', mailing, batch, [first + 4], at(90))] : []),
  ];
}

let fixture: StatsFixture;
beforeAll(async () => {
  fixture = await StatsFixture.start();
  for (const tag of ['', 'vip']) {
    const client = someClient({ id: clientId(1), tag });
    const type = tag === '' ? 'ClientRegistered' : 'ClientRemoved';
    const body: EventBody = { type, data: { client, recentCommands: [] } };
    await fixture.append({ subject: eventSubjects.client(client.id), body, at: moment(0) });
  }
  const batches = Array.from({ length: BATCHES }, (_, batch) => batch);
  const audience = { messages: BATCHES * SIZE, batches: BATCHES };
  for (const mailing of [settled, open]) {
    await fixture.append(entity('MailingStarted', mailing, moment(0)));
    for (const batch of batches) for (const step of story(mailing, batch)) await fixture.append(step);
    await fixture.append(entity('MailingAudienceResolved', { ...mailing, audience }, moment(500)));
  }
  const over = { ...settled, audience, status: 'expired', settledAt: moment(501).toISOString() } as const;
  await fixture.append(entity('MailingSettled', over, moment(501)));
});
afterAll(() => fixture.stop());

/** Everything that can be asked, without the time that it is current to. */
async function answers(): Promise<unknown> {
  const { asOf: _, ...overview } = await fixture.overview();
  const stats = await Promise.all(
    [settled, open].map(async (mailing) => ({ ...(await fixture.statsOf(mailing)), asOf: null })),
  );
  const messages = await fixture.allMessages({}, 50);
  return { overview, stats, messages };
}

/** Reads again and again, and keeps what is wrong: an error, a sum that does not add up, a count that falls. */
function watch(): { stop(): Promise<unknown[]> } {
  const wrong: unknown[] = [];
  const stopping = new AbortController();
  const done = (async () => {
    let ended = 0;
    while (!stopping.signal.aborted) {
      try {
        const stats = await fixture.statsOf(open);
        const sum = stats === null ? -1 : sumOf(stats.counts);
        if (sum !== stats?.planned) wrong.push(stats);
        const now = sum - (stats?.counts.queued ?? 0);
        if (now < ended) wrong.push({ ended, now });
        ended = now;
      } catch (error) {
        wrong.push(error);
      }
      await sleep(10);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await done;
      return wrong;
    },
  };
}

/** What somebody may do to a table by hand, and what the comparison says of it. */
const corruptions: readonly (readonly [statement: string, mailing: Mailing | null, column: string])[] = [
  ['update counter set sent = sent - 1, queued = queued + 1 where mailing_id = $open', open, 'sent'],
  ['update counter set retries = 0 where mailing_id = $settled', settled, 'retries'],
  ["update mailing set name = 'other' where id = $open", open, 'name'],
  ["update mailing set status = 'paused' where id = $settled", settled, 'status'],
  ['update timeline set sent = sent + 1 where mailing_id = $settled and sent > 0', settled, 'timeline'],
  ['delete from timeline where mailing_id = $open', open, 'timeline'],
  ['update count_change set retries = 7 where mailing_id = $open and retries = 1', open, 'past'],
  ['delete from mailing_version where mailing_id = $settled', settled, 'events'],
  [
    "update queued_batch set timezone = 'Asia/Tokyo' where mailing_id = $open and batch = 3",
    open,
    'audience',
  ],
  ['update batch_outcomes set sent = 5 where first_message_id = 1', settled, 'messages'],
  [
    'update batch_outcomes set outcomes = set_byte(outcomes, 0, 3) where first_message_id = $firstOfOpen',
    open,
    'messages',
  ],
  ["update client_version set tag = 'other'", null, 'clients'],
  ['update client_version set superseded_at = 1', null, 'clients'],
  ["update message_error set error = 'nothing' where message_id = 3", settled, 'errors'],
];

const filled = (statement: string): string =>
  statement
    .replaceAll('$open', `'${open.id}'`)
    .replaceAll('$settled', `'${settled.id}'`)
    .replaceAll('$firstOfOpen', String(firstOf(open, 0)));

let clean: unknown;
test('what was folded live is proven to be what the log says, and nothing is left of the proof', async () => {
  const service = await fixture.startService();
  await fixture.folded(
    await fixture.append(entity('MailingPaused', { ...open, status: 'paused' }, moment(502))),
  );
  clean = await answers();
  await fixture.beginJob({ kind: 'verify', lanes: null });
  expect(await fixture.jobEnded()).toMatchObject({ state: 'done', differences: [], error: null });
  expect(await fixture.generations()).toMatchObject([{ generation: 1, isServed: true, state: 'served' }]);
  expect((await fixture.execute("select from pg_namespace where nspname like 'stats_%'")).rows).toHaveLength(
    1,
  );
  await fixture.stopService(service);
});

test.each(corruptions)(
  '"%s" is named by a verification, which changes nothing',
  async (statement, mailing, column) => {
    const service = await fixture.startService();
    await fixture.execute(filled(statement));
    await fixture.beginJob({ kind: 'verify', lanes: null });
    const { differences } = await fixture.jobEnded();
    expect(differences.map(({ mailing, column }) => ({ mailing, column }))).toContainEqual({
      mailing: mailing?.id ?? null,
      column,
    });
    await fixture.stopService(service);
  },
);

test('a rebuild mends all of it, names it, and nobody who reads meanwhile sees a dip or an error', async () => {
  const service = await fixture.startService();
  const watching = watch();
  await fixture.beginJob({ kind: 'rebuild', lanes: null });
  const job = await fixture.jobEnded();
  expect(await watching.stop()).toEqual([]);
  const named = job.differences.map(({ mailing, column }) => `${mailing} ${column}`);
  expect(named).toEqual(
    expect.arrayContaining(corruptions.map(([, mailing, column]) => `${mailing?.id ?? null} ${column}`)),
  );
  expect(await answers()).toStrictEqual(clean);
  expect(await fixture.generations()).toMatchObject([
    { isServed: true, origin: 'rebuild' },
    { generation: 1, isServed: false, state: 'kept' },
  ]);
  await fixture.stopService(service);
});
