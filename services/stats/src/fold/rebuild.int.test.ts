import type { Mailing } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import { aMailing, ending, entity, grouped, moment, outcome, queued, type Step } from '../../test/story.ts';

const mailings = [aMailing('one'), aMailing('two')] as const;
const BATCHES = 24;
const SIZE = 5;

/** The second mailing has its outcomes in groups, as logs hold them today; the first one as they did before. */
function inItsForm(
  mailing: Mailing,
  batch: number,
  first: number,
  outcomes: readonly Step[],
): readonly Step[] {
  return mailing === mailings[0] ? outcomes : [grouped(mailing, batch, first, outcomes)];
}

/** Both mailings to their end, in many batches, so that every partition holds some of them. */
function story(): Step[] {
  const steps: Step[] = mailings.map((mailing) => entity('MailingStarted', mailing, moment(0)));
  for (const [number, mailing] of mailings.entries()) {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const first = 1 + (number * BATCHES + batch) * SIZE;
      const at = (seconds: number): Date => moment(batch * 7 + seconds);
      steps.push(
        queued(mailing, batch, first, SIZE, at(0)),
        ...inItsForm(mailing, batch, first, [
          outcome('MessageSent', mailing, batch, first, at(1)),
          outcome('MessageRetried', mailing, batch, first + 1, at(2)),
          outcome('MessageSent', mailing, batch, first + 1, at(60), 2),
          outcome('MessageFailed', mailing, batch, first + 2, at(3)),
        ]),
        ending('MessagesExpired', mailing, batch, [first + 2, first + 3], at(90)),
      );
    }
    const audience = { messages: BATCHES * SIZE, batches: BATCHES };
    steps.push(entity('MailingAudienceResolved', { ...mailing, audience }, moment(500)));
  }
  return steps;
}

let fixture: StatsFixture;
let last: number;
beforeAll(async () => {
  fixture = await StatsFixture.start();
});
afterAll(() => fixture.stop());

/** Everything that can be asked, without the time that it is current to. */
async function answers(): Promise<unknown> {
  const { asOf: _ignored, ...overview } = await fixture.overview();
  const stats = await Promise.all(
    mailings.map(async (mailing) => ({ ...(await fixture.statsOf(mailing)), asOf: null })),
  );
  const messages = await Promise.all(
    mailings.map((mailing) => fixture.allMessages({ mailingId: mailing.id }, 50)),
  );
  return { overview, stats, messages };
}

let live: unknown;
test('what was folded while it happened adds up', async () => {
  const service = await fixture.startService();
  last = 0;
  for (const step of story()) last = await fixture.append(step);
  await fixture.folded(last);
  for (const mailing of mailings) {
    expect(await fixture.statsOf(mailing)).toMatchObject({
      planned: BATCHES * SIZE,
      counts: {
        queued: BATCHES,
        sent: 2 * BATCHES,
        failed: BATCHES,
        expired: BATCHES,
        cancelled: 0,
        unknown: 0,
      },
      retries: BATCHES,
    });
  }
  live = await answers();
  await fixture.stopService(service);
});

test('a model that is dropped and folded again answers the same', async () => {
  await fixture.dropSchemas();
  const service = await fixture.startService();
  await fixture.folded(last);
  expect(await answers()).toStrictEqual(live);
  await fixture.stopService(service);
});

test('a schema that is dropped while it is folded is made again, and answers the same', async () => {
  const service = await fixture.startService();
  await fixture.folded(last);
  await fixture.execute('lock table stats_1.checkpoint; drop schema stats_1 cascade');
  last = await fixture.append(ending('MessagesExpired', mailings[0], 0, [3], moment(90)));
  await fixture.folded(last);
  expect(await answers()).toStrictEqual(live);
  await fixture.stopService(service);
});

test('an emptied pointer names the newest generation that is there', async () => {
  await fixture.execute('alter schema stats_1 rename to stats_7');
  await fixture.execute('delete from stats.pointer');
  const service = await fixture.startService();
  expect(await answers()).toStrictEqual(live);
  const { rows } = await fixture.execute('select generation from stats.pointer');
  expect(rows).toStrictEqual([{ generation: 7 }]);
  await fixture.stopService(service);
});

test('a model of the first release is emptied and folded again by itself, and answers the same', async () => {
  await fixture.useModelOfFirstRelease(last);
  const service = await fixture.startService();
  await fixture.folded(last);
  expect(await answers()).toStrictEqual(live);
  await fixture.stopService(service);
});

test('sixteen lanes over two instances answer what one lane does', async () => {
  await fixture.useNewDatabase();
  const services = [await fixture.startService(16), await fixture.startService(16)];
  await eventually(async () => {
    expect(await answers()).toStrictEqual(live);
    return true;
  });
  const { rows } = await fixture.execute<{ lane: number }>('select distinct lane from counter');
  expect(rows.length).toBeGreaterThan(10);
  for (const service of services) await fixture.stopService(service);
});
