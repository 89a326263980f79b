import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import { aMailing, entity, moment, outcome, queued } from '../../test/story.ts';
import { openReading } from '../generations/pointer.ts';
import { hold } from './hold.ts';
import { JobOverError } from './job.ts';
import { sideOf } from './side.ts';

const spring = aMailing('spring');
const SIZE = 50;

let fixture: StatsFixture;
let last: number;
beforeAll(async () => {
  fixture = await StatsFixture.start();
  last = await fixture.append(
    entity('MailingStarted', spring, moment(0)),
    queued(spring, 0, 1, SIZE, moment(0)),
    ...Array.from({ length: SIZE / 2 }, (_, place) =>
      outcome('MessageSent', spring, 0, 1 + place, moment(place)),
    ),
  );
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.useNewDatabase());

const rebuild = { kind: 'rebuild', lanes: null } as const;
const numbers = async (): Promise<unknown> =>
  (await fixture.generations()).map(({ generation, state }) => ({ generation, state }));

/** Keeps a job from ending: it cannot get hold of a checkpoint. */
async function stall(): Promise<{ release(): Promise<void> }> {
  await fixture.execute(`
    create function stats.stall() returns trigger language plpgsql as
      $$ begin if new.generation <> old.generation then raise exception 'not yet'; end if; return new; end $$;
    create trigger stall before insert or update on stats.pointer for each row execute function stats.stall()`);
  return { release: async () => void (await fixture.execute('drop function stats.stall() cascade')) };
}

test('a second request joins the rebuild that runs, another kind is refused, and what is in work cannot be dropped', async () => {
  const service = await fixture.startService();
  await fixture.folded(last);
  const stalled = await stall();
  const { job } = await fixture.beginJob(rebuild);
  expect(job).toMatchObject({ kind: 'rebuild', generation: 2, lanes: 1, endedAt: null });
  expect((await fixture.beginJob(rebuild)).job?.id).toBe(job?.id);
  expect(await fixture.beginJob({ kind: 'verify', lanes: null })).toMatchObject({
    job: null,
    refusal: { code: 'job-running', kind: 'rebuild' },
  });
  expect(await fixture.beginJob({ kind: 'rebuild', lanes: 16 })).toMatchObject({
    refusal: { code: 'job-running' },
  });
  for (const generation of [1, 2])
    expect(await fixture.dropGeneration(generation)).toMatchObject({
      code: expect.stringMatching(/served|in-work/),
    });
  await stalled.release();
  expect(await fixture.jobEnded()).toMatchObject({ id: job?.id, state: 'done' });
  await fixture.stopService(service);
});

test('a job outlives the instance that carried it out, and ends with another', async () => {
  const first = await fixture.startService();
  await fixture.folded(last);
  const stalled = await stall();
  const { job } = await fixture.beginJob(rebuild);
  await fixture.stopService(first);
  const second = await fixture.startService();
  expect(await numbers()).toMatchObject([{ generation: 2, state: 'building' }, { generation: 1 }]);
  await stalled.release();
  expect(await fixture.jobEnded()).toMatchObject({ id: job?.id, state: 'done', differences: [] });
  await fixture.stopService(second);
});

test('one can go back to the generation before, which has missed nothing, and drop the other', async () => {
  const service = await fixture.startService();
  await fixture.folded(last);
  await fixture.beginJob({ kind: 'rebuild', lanes: 16 });
  await fixture.jobEnded();
  await fixture.append(outcome('MessageSent', spring, 0, SIZE, moment(90)));
  await eventually(async () => (await fixture.statsOf(spring))?.counts.sent === SIZE / 2 + 1);
  expect(await fixture.beginJob({ kind: 'use', generation: 2 })).toMatchObject({
    refusal: { code: 'generation-served' },
  });
  expect(await fixture.beginJob({ kind: 'use', generation: 9 })).toMatchObject({
    refusal: { code: 'generation-not-found' },
  });
  await fixture.beginJob({ kind: 'use', generation: 1 });
  expect(await fixture.jobEnded()).toMatchObject({ kind: 'use', state: 'done', lanes: 1, differences: [] });
  expect(await fixture.statsOf(spring)).toMatchObject({ counts: { sent: SIZE / 2 + 1 } });
  expect(await numbers()).toStrictEqual([
    { generation: 2, state: 'kept' },
    { generation: 1, state: 'served' },
  ]);
  expect(await fixture.dropGeneration(2)).toBeNull();
  expect(await fixture.dropGeneration(2)).toStrictEqual({ code: 'generation-not-found' });
  expect(await fixture.dropGeneration(1)).toStrictEqual({ code: 'generation-served' });
  expect(await numbers()).toStrictEqual([{ generation: 1, state: 'served' }]);
  await fixture.stopService(service);
});

test('a pointer, a table of jobs or a schema that vanishes while the service runs is made again', async () => {
  const service = await fixture.startService();
  await fixture.folded(last);
  const isWhole = async (): Promise<true> => {
    expect(await fixture.statsOf(spring)).toMatchObject({ counts: { sent: expect.any(Number) } });
    return true;
  };
  for (const loss of [
    'delete from stats.pointer',
    'drop schema stats cascade',
    'lock table stats_1.checkpoint; drop schema stats_1 cascade',
  ]) {
    await fixture.execute(loss);
    await eventually(isWhole, { message: `what "${loss}" took is there again` });
  }
  expect(await numbers()).toStrictEqual([{ generation: 1, state: 'served' }]);
  await fixture.stopService(service);
});

test('a pointer that is lost finds the generation that was served last', async () => {
  const first = await fixture.startService();
  await fixture.folded(last);
  await fixture.beginJob(rebuild);
  await fixture.jobEnded();
  await fixture.stopService(first);
  await fixture.execute('drop schema stats cascade');
  const second = await fixture.startService();
  expect(await fixture.servedSchema()).toBe('stats_2');
  await fixture.stopService(second);
});

test('a schema of sixteen lanes that is dropped is made again in sixteen, whatever is set for new ones', async () => {
  const first = await fixture.startService();
  await fixture.folded(last);
  await fixture.beginJob({ kind: 'rebuild', lanes: 16 });
  await fixture.jobEnded();
  await fixture.stopService(first);
  const second = await fixture.startService(1);
  await fixture.execute('lock table stats_2.checkpoint; drop schema stats_2 cascade');
  await eventually(async () => ((await fixture.statsOf(spring))?.counts.sent ?? 0) >= SIZE / 2);
  expect((await fixture.execute('select lanes from stats_2.layout')).rows).toStrictEqual([{ lanes: 16 }]);
  await fixture.beginJob({ kind: 'verify', lanes: null });
  expect(await fixture.jobEnded()).toMatchObject({ state: 'done', lanes: 16, differences: [] });
  await fixture.stopService(second);
});

test('a generation that cannot be compared is replaced by a rebuild, and not proven by a verification', async () => {
  const service = await fixture.startService();
  await fixture.folded(last);
  await fixture.execute('drop table stats_1.timeline');
  await fixture.beginJob({ kind: 'verify', lanes: null });
  expect(await fixture.jobEnded()).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('timeline'),
  });
  expect(await numbers()).toStrictEqual([{ generation: 1, state: 'served' }]);
  await fixture.beginJob(rebuild);
  expect(await fixture.jobEnded()).toMatchObject({ state: 'done', differences: [{ column: 'generation' }] });
  expect(await fixture.statsOf(spring)).toMatchObject({ counts: { sent: expect.any(Number) } });
  await fixture.stopService(service);
});

test('a job is given up when somebody says so, and what was made to compare is gone', async () => {
  const service = await fixture.startService();
  await fixture.folded(last);
  expect(await fixture.cancelJob()).toBe(false);
  const stalled = await stall();
  await fixture.beginJob(rebuild);
  expect(await fixture.cancelJob()).toBe(true);
  expect(await fixture.jobEnded()).toMatchObject({ state: 'failed', error: 'it was cancelled' });
  await stalled.release();
  await fixture.beginJob({ kind: 'verify', lanes: 16 });
  expect(await fixture.cancelJob()).toBe(true);
  const job = await fixture.jobEnded();
  expect(job).toMatchObject({ kind: 'verify', state: 'failed', error: 'it was cancelled' });
  const left = (await fixture.generations()).map(({ generation }) => generation);
  expect(left).not.toContain(job.generation);
  expect(await fixture.servedSchema()).toBe('stats_1');
  await fixture.stopService(service);
});

test('who was suspended while a job was carried out by another finds that it is over, and moves nothing', async () => {
  const service = await fixture.startService();
  await fixture.folded(last);
  const before = await fixture.beginJob(rebuild);
  await fixture.jobEnded();
  const database = openReading(fixture.databaseUrl, 2, 'suspended');
  try {
    const [live, rebuilt] = [await sideOf(database, 1), await sideOf(database, 2)];
    if (before.job === null || live === null || rebuilt === null) throw new Error('there is nothing to hold');
    await fixture.beginJob({ kind: 'use', generation: 1 });
    await fixture.jobEnded();
    const { id, kind, state, generation, lanes } = before.job;
    const job = { id, kind, state, generation, lanes, replaces: 1 };
    await expect(hold({ runtime: service, database }, job, { live, rebuilt }, 1, [])).rejects.toThrow(
      JobOverError,
    );
    expect(await fixture.servedSchema()).toBe('stats_1');
  } finally {
    await database.destroy();
  }
  await fixture.stopService(service);
});

test('a generation that was never served is not the one that a lost pointer finds again', async () => {
  const first = await fixture.startService();
  await fixture.folded(last);
  await stall();
  await fixture.beginJob(rebuild);
  await eventually(async () => (await fixture.generations()).length === 2);
  await fixture.stopService(first);
  await fixture.execute('drop schema stats cascade');
  const second = await fixture.startService();
  expect((await fixture.generations()).find(({ isServed }) => isServed)?.generation).toBe(1);
  await fixture.stopService(second);
});
