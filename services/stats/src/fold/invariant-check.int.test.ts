import { setTimeout as sleep } from 'node:timers/promises';
import { type Mailing, parseEvent } from '@herald/contracts';
import { readLog } from '@herald/event-log';
import { type FoldedEvent, migrate, openDatabase } from '@herald/postgres';
import { eventually } from '@herald/testkit';
import { type Kysely, sql } from 'kysely';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import { aMailing, entity, moment, outcome, queued, type Step } from '../../test/story.ts';
import { migrations } from '../database/migrations.ts';
import type { Tables } from '../database/tables.ts';
import { applyEvents } from './apply-events.ts';
import { InvariantCheck, InvariantViolations, type Judged } from './invariant-check.ts';
import { filterOf, laneName } from './lane-names.ts';
import { passedByAllLanes } from './passed-by-all-lanes.ts';

const LANES = 16;
const BATCHES = 30;

let fixture: StatsFixture;
let database: Kysely<Tables>;
beforeAll(async () => {
  fixture = await StatsFixture.start();
  database = openDatabase({ url: fixture.databaseUrl, schema: 'stats_1', connections: 4, name: 'tester' });
  await migrate(database, 'stats_1', migrations);
});
afterAll(async () => {
  await database.destroy();
  await fixture.stop();
});

/** A mailing of one message a batch, of which so many are sent when it is settled. */
function story(mailing: Mailing, first: number, sent: number): Step[] {
  const audience = { messages: BATCHES, batches: BATCHES };
  const steps: Step[] = [entity('MailingStarted', mailing, moment(0))];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    steps.push(queued(mailing, batch, first + batch, 1, moment(1)));
    if (batch < sent) steps.push(outcome('MessageSent', mailing, batch, first + batch, moment(2)));
  }
  const settled = { ...mailing, audience, settledAt: moment(3).toISOString() };
  return [...steps, entity('MailingSettled', settled, moment(3))];
}

async function readLane(lane: number, startSequence = 1): Promise<FoldedEvent[]> {
  const events: FoldedEvent[] = [];
  const signal = AbortSignal.timeout(20_000);
  const reading = { filter: filterOf(lane, LANES), startSequence, stopAtEnd: true, signal };
  for await (const records of readLog(fixture.tester.broker, reading)) {
    events.push(...records.map((record) => ({ record, event: parseEvent(record.text) })));
  }
  return events;
}

/** Folds all that a lane has, as its fold does. */
async function foldLane(lane: number): Promise<readonly FoldedEvent[]> {
  const events = await readLane(lane);
  const sequence = events.at(-1)?.record.sequence ?? 0;
  await database.transaction().execute(async (transaction) => {
    await applyEvents(transaction, lane, events);
    await setCheckpoint(transaction, lane, sequence);
  });
  return events;
}

async function setCheckpoint(where: Kysely<Tables>, lane: number, sequence: number): Promise<void> {
  await sql`
    insert into checkpoint (name, sequence, stream_created, as_of, confirmed_as_of)
    values (${laneName(lane)}, ${sequence}, 'then', now(), now())
    on conflict (name) do update set sequence = excluded.sequence`.execute(where);
}

const judged = (generation: Pick<Judged, 'runtime' | 'database' | 'lanes'>): Judged => ({
  ...generation,
  violations: new InvariantViolations(generation.runtime.metrics),
});

test('a mailing that is settled is judged when all lanes have passed its settlement, and not before', async () => {
  const generation = { runtime: fixture.tester, database, lanes: LANES };
  const [whole, short] = [aMailing('whole'), aMailing('short')];
  const last = await fixture.append(...story(whole, 1, BATCHES), ...story(short, 1 + BATCHES, BATCHES - 1));
  const check = new InvariantCheck(judged(generation), 10);
  try {
    const lanes = Array.from({ length: LANES }, (_, lane) => lane);
    const settlesIn = async (lane: number): Promise<boolean> =>
      (await readLane(lane)).some(({ event }) => event.type === 'MailingSettled');
    const settling: number[] = [];
    for (const lane of lanes) if (await settlesIn(lane)) settling.push(lane);
    for (const lane of settling) check.committed(await foldLane(lane));
    expect(await passedByAllLanes(generation)).toBeLessThan(last);
    // Time for many looks: none of them may count anything.
    await sleep(300);
    expect(await violations()).toBe(0);

    for (const lane of lanes) if (!settling.includes(lane)) await foldLane(lane);
    expect(await passedByAllLanes(generation)).toBeGreaterThanOrEqual(last);
    await eventually(async () => (await violations()) > 0);
    await sleep(100);
    expect(await violations()).toBe(1);
  } finally {
    await check.stop();
  }
});

test('a stop waits for the mailing that is being judged, and not for those behind it', async () => {
  const mailings = ['one', 'two', 'three'].map((name) => aMailing(name));
  const steps = mailings.flatMap((mailing, index) => story(mailing, 1_000 * (index + 1), 0));
  const last = await fixture.append(...steps);
  const first = last - steps.length + 1;
  const metrics = new Registry();
  // Over its only connection one question is answered after the other.
  const only = openDatabase<Tables>({
    url: fixture.databaseUrl,
    schema: 'stats_1',
    connections: 1,
    name: 'only',
  });
  const check = new InvariantCheck(
    judged({ runtime: { ...fixture.tester, metrics }, database: only, lanes: LANES }),
    10,
  );
  try {
    for (let lane = 0; lane < LANES; lane += 1) {
      const events = await readLane(lane, first);
      await database.transaction().execute((transaction) => applyEvents(transaction, lane, events));
      check.committed(events);
    }
    // Behind the answers about the mailings: none of the three adds up, and no checkpoint has passed them.
    await sql`select 1`.execute(only);
    const { stopping } = await database.transaction().execute(async (transaction) => {
      await sql`lock table mailing in access exclusive mode`.execute(transaction);
      for (let lane = 0; lane < LANES; lane += 1) await setCheckpoint(database, lane, last);
      await eventually(async () => {
        const { rows } = await sql`
          select from pg_locks where relation = 'mailing'::regclass and not granted`.execute(transaction);
        return rows.length > 0;
      });
      return { stopping: check.stop() };
    });
    await stopping;
    expect(await violations(metrics)).toBe(1);
  } finally {
    await check.stop();
    await only.destroy();
  }
});

async function violations(metrics = fixture.tester.metrics): Promise<number> {
  const metric = metrics.getSingleMetric('herald_stats_invariant_violations_total');
  return (await metric?.get())?.values[0]?.value ?? 0;
}
