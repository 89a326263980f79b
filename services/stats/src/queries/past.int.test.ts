import { type BreakdownBy, eventSubjects, type Mailing, parseEvent } from '@herald/contracts';
import { readLog } from '@herald/event-log';
import { eventually } from '@herald/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyOf, MESSAGES } from '../../test/random-history.ts';
import { ReferenceFold, type Standing } from '../../test/reference-fold.ts';
import { StatsFixture } from '../../test/stats-fixture.ts';
import type { Step } from '../../test/story.ts';

const HISTORIES = 12;
/** Other histories at each run; a failure names it. */
const seed = Number(process.env.HISTORY_SEED ?? Math.floor(Math.random() * 1e9));
const BREAKDOWNS = ['operatorCode', 'tag', 'timezone', 'hour'] as const satisfies BreakdownBy[];

let fixture: StatsFixture;
let log: readonly Standing[];
const mailings: Mailing[] = [];

/** The steps of all histories in turn, each in its own order, so that they stand between each other in the log. */
function interleave(histories: readonly (readonly Step[])[]): Step[] {
  const longest = Math.max(...histories.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => index).flatMap((index) =>
    histories.flatMap((steps) => steps.slice(index, index + 1)),
  );
}

beforeAll(async () => {
  fixture = await StatsFixture.start();
  const histories = Array.from({ length: HISTORIES }, (_, number) => {
    const [sampled] = fc.sample(historyOf(`history ${number}`, 1 + number * MESSAGES), {
      seed: seed + number,
      numRuns: 1,
    });
    if (sampled === undefined) throw new Error('no history');
    mailings.push(sampled.mailing);
    return sampled.steps;
  });
  for (const step of interleave(histories)) await fixture.append(step);
  log = await readAll();
});
afterAll(() => fixture.stop());

async function readAll(): Promise<Standing[]> {
  const found: Standing[] = [];
  const signal = AbortSignal.timeout(20_000);
  const reading = { filter: eventSubjects.all, startSequence: 1, stopAtEnd: true, signal };
  for await (const records of readLog(fixture.tester.broker, reading))
    for (const { sequence, storedAt, text } of records)
      found.push({ event: parseEvent(text), sequence, storedAt: Math.floor(storedAt) });
  return found;
}

const isOf = ({ event }: Standing, { id }: Mailing): boolean =>
  'mailing' in event.data
    ? event.data.mailing.id === id
    : 'mailingId' in event.data && event.data.mailingId === id;

/** What the log said of a mailing at a moment; of now without one. */
function reference(mailing: Mailing, at: number): ReferenceFold {
  const fold = new ReferenceFold(mailing.id);
  const last = log.findLast((one) => isOf(one, mailing) && one.storedAt <= at)?.sequence ?? 0;
  for (const standing of log) if (standing.sequence <= last) fold.add(standing);
  return fold;
}

/** Every moment at which something of a mailing was stored, and the one before it. */
function momentsOf(mailing: Mailing): number[] {
  const stored = log.filter((one) => isOf(one, mailing)).map(({ storedAt }) => storedAt);
  return [...new Set(stored.flatMap((at) => [at - 1, at]))];
}

async function compare(mailing: Mailing, at: number | null): Promise<void> {
  const expected = reference(mailing, at ?? Number.POSITIVE_INFINITY);
  const moment = at === null ? {} : { at: new Date(at).toISOString() };
  const found = await fixture.statsOf(mailing, moment);
  const about = `HISTORY_SEED=${seed} ${mailing.name} at ${moment.at ?? 'the end'}`;
  if (expected.mailing === null) {
    expect(found, about).toBeNull();
    return;
  }
  expect(found, about).toMatchObject(Object(expected.stats()));
  expect(found?.timeline, about).toStrictEqual(expected.timeline(found?.timelineSeconds ?? 0));
  for (const by of BREAKDOWNS) {
    const { breakdown } = (await fixture.statsOf(mailing, { ...moment, by })) ?? {};
    const sorted = (rows: readonly { value: string | null }[]): unknown[] =>
      rows.toSorted((a, b) => String(a.value).localeCompare(String(b.value)));
    expect(sorted(breakdown ?? []), `${about} by ${by}`).toStrictEqual(sorted(expected.breakdown(by)));
  }
}

/** The list and its totals at a moment are the sums of the mailings. */
async function compareOverview(at: number): Promise<void> {
  const { items, totals } = await fixture.overview({ at: new Date(at).toISOString() });
  const expected = mailings
    .map((mailing) => reference(mailing, at))
    .filter(({ mailing }) => mailing !== null && mailing.status !== 'deleted');
  const byName = (rows: readonly unknown[]): unknown[] =>
    rows.toSorted((a, b) => String(Object(a).name).localeCompare(String(Object(b).name)));
  const shown = expected.map((fold) => {
    const { name, status, planned, counts } = Object(fold.stats());
    return { mailing: fold.mailing?.id, name, status, planned, counts };
  });
  expect(byName(items)).toStrictEqual(byName(shown));
  expect(totals.planned).toBe(shown.reduce((sum, { planned }) => sum + planned, 0));
  expect(totals.sent).toBe(shown.reduce((sum, { counts }) => sum + counts.sent, 0));
}

async function compareAll(): Promise<void> {
  for (const mailing of mailings) {
    await compare(mailing, null);
    for (const at of momentsOf(mailing)) await compare(mailing, at);
  }
  const every = Math.max(1, Math.floor(log.length / 20));
  for (const { storedAt } of log.filter((_, index) => index % every === 0)) await compareOverview(storedAt);
}

const foldedAll = (): Promise<boolean> =>
  eventually(async () => {
    const schema = await fixture.servedSchema();
    const { rows } = await fixture.execute<{ sequence: number }>(
      `select coalesce(max(sequence), 0) as sequence from ${schema}.checkpoint`,
    );
    return Number(rows[0]?.sequence) >= (log.at(-1)?.sequence ?? 0);
  });

test('folded in one lane, every past moment is what a fold of the log up to then comes to', async () => {
  const service = await fixture.startService();
  await foldedAll();
  await compareAll();
  await fixture.stopService(service);
});

test('rebuilt in sixteen lanes over three instances of which one is killed, it is the same', async () => {
  const services = [await fixture.startService(), await fixture.startService(), await fixture.startService()];
  await fixture.beginJob({ kind: 'rebuild', lanes: 16 });
  const [first] = services;
  if (first !== undefined) await fixture.stopService(first);
  expect(await fixture.jobEnded()).toMatchObject({ state: 'done', lanes: 16, differences: [] });
  await compareAll();
  for (const service of services.slice(1)) await fixture.stopService(service);
});

test('and back in one lane', async () => {
  const service = await fixture.startService();
  await fixture.beginJob({ kind: 'rebuild', lanes: 1 });
  expect(await fixture.jobEnded()).toMatchObject({ state: 'done', lanes: 1, differences: [] });
  await compareAll();
  await fixture.stopService(service);
});
