import { type Mailing, newId } from '@herald/contracts';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { DirectoryLog, ZONES } from '../../test/directory-log.ts';
import { usePlans } from '../../test/plan-bed.ts';
import { forgetClientsBefore } from './clients-before.ts';
import { cutPage } from './cut-page.ts';
import { NO_CLIENT, writeBatches } from './write-batches.ts';

describe('a plan that is cut in pages', () => {
  const plans = usePlans();

  it('tells apart what a client was at each of several starts, also where it was removed and registered again', async () => {
    const log = new DirectoryLog();
    log.register(900, 2);
    log.start({ everyone: true });
    log.change((number) => number % 2 === 0, 'Zulu', 'gold');
    log.start({ tags: ['gold'] });
    log.change((number) => number % 3 === 0, 'asia/Lower', 'plain');
    log.remove((number) => number % 5 === 0);
    log.start({ everyone: true });
    log.registerAgain(() => true);
    log.start({ tags: ['plain'] });
    log.remove(() => true);
    await plans.fold(log.events);
    for (const { mailing } of log.started.toReversed()) await plans.cutWhole(mailing, 1);
    expect(await plans.planned(log)).toEqual(await plans.expected(log));
  });

  it('takes rows of an earlier release for older than every start', async () => {
    const log = new DirectoryLog();
    log.register(600, 2);
    await plans.fold(log.events);
    await sql`update client set position = 0`.execute(plans.database);
    log.start({ everyone: true });
    log.change((number) => number % 2 === 0, 'Zulu', 'gold');
    await plans.fold(log.events.slice(600));
    await plans.cutWhole(log.started[0]?.mailing as Mailing, 1);
    expect(await plans.planned(log)).toEqual(await plans.expected(log));
  });

  it('is the same where each page reads a small audience anew instead of walking through the directory', async () => {
    const log = new DirectoryLog();
    log.register(3_000, 4);
    log.change((number) => number % 5 === 0, 'Zulu', 'rare');
    await plans.fold(log.events);
    await sql`analyze client`.execute(plans.database);
    const folded = log.events.length;
    log.start({ tags: ['rare'] });
    log.change((number) => number % 10 === 0, 'asia/Lower', 'plain');
    log.remove((number) => number % 15 === 0);
    await plans.fold(log.events.slice(folded));
    await plans.cutWhole(log.started[0]?.mailing as Mailing, 1);
    expect(await plans.planned(log)).toEqual(await plans.expected(log));
  });

  it.each([
    ['off', 'walks with a filter', { tags: ['gold'] }, 1],
    ['on', 'walks through everyone', { everyone: true as const }, 1],
    ['on', 'reads the whole audience by its filter', { tags: ['gold'] }, 100],
  ])('has bitmap scans %s where a page %s', async (expected, _how, planFilter, most) => {
    const log = new DirectoryLog();
    log.register(3_000, 4);
    await plans.fold(log.events);
    await sql`analyze client`.execute(plans.database);
    const found = await plans.database.transaction().execute(async (transaction) => {
      const clients = 'tags' in planFilter ? [250, 250, 250, 250] : [750, 750, 750, 750];
      const lastIds = clients.map(() => NO_CLIENT);
      const plan = { position: 3_000, filter: planFilter, firstMessageId: 1, batchesCut: 0 };
      await writeBatches(
        transaction,
        newId(),
        { ...plan, timezones: ZONES.toSorted(), clients, lastIds },
        most,
      );
      const { rows } = await sql<{ enable_bitmapscan: string }>`show enable_bitmapscan`.execute(transaction);
      return rows[0]?.enable_bitmapscan;
    });
    expect(found).toBe(expected);
  });

  it('is the same when two instances cut it at once', async () => {
    const log = new DirectoryLog();
    log.register(3_000, 3);
    log.start({ everyone: true });
    await plans.fold(log.events);
    const mailing = log.started[0]?.mailing as Mailing;
    await Promise.all([plans.cutWhole(mailing, 2), plans.cutWhole(mailing, 3)]);
    expect(await plans.planned(log)).toEqual(await plans.expected(log));
  });

  it('goes on where it was when a page fails', async () => {
    const log = new DirectoryLog();
    log.register(3_000, 3);
    log.start({ everyone: true });
    await plans.fold(log.events);
    const mailing = log.started[0]?.mailing as Mailing;
    expect(await cutPage(plans.database, mailing.id, 5)).toBe(5);
    // A batch that stands there already, with which the page's last statement fails.
    await sql`insert into plan_batch values (${mailing.id}, 7, '', 1, '{}')`.execute(plans.database);
    await expect(cutPage(plans.database, mailing.id, 5)).rejects.toThrow(/duplicate/);
    await sql`delete from plan_batch where batch = 7`.execute(plans.database);
    expect(await cutPage(plans.database, mailing.id, 5)).toBe(10);
    await plans.cutWhole(mailing, 5);
    expect(await plans.planned(log)).toEqual(await plans.expected(log));
  });

  it('writes nothing where the directory holds other clients than were counted', async () => {
    const log = new DirectoryLog();
    log.register(600, 1);
    log.start({ everyone: true });
    await plans.fold(log.events);
    const mailing = log.started[0]?.mailing as Mailing;
    await sql`delete from client where id = ${[...log.clients.keys()][0]}`.execute(plans.database);
    await expect(cutPage(plans.database, mailing.id, 64)).rejects.toThrow(/other clients/);
    expect(await plans.countOf('plan_batch')).toBe(0);
  });

  it('need not be cut where it is settled by then, and later mailings get the same message ids', async () => {
    const log = new DirectoryLog();
    log.register(700, 2);
    log.start({ everyone: true });
    log.change((number) => number % 2 === 0, 'Zulu', 'gold');
    log.end(0);
    log.start({ tags: ['gold'] });
    expect((await plans.fold(log.events)).endsCuts).toBe(true);
    expect(await cutPage(plans.database, log.started[0]?.mailing.id ?? '', 1)).toBeNull();
    await plans.cutWhole(log.started[1]?.mailing as Mailing, 1);
    const [, second] = await plans.expected(log);
    const [settled, cut] = await plans.planned(log);
    expect(settled?.batches).toEqual([]);
    expect(cut).toEqual(second);
    await forgetClientsBefore(plans.database, new AbortController().signal);
    expect(await plans.countOf('client_before')).toBe(0);
  });

  it('is due for its end with the last of its batches, and not before', async () => {
    const log = new DirectoryLog();
    log.register(600, 1);
    log.start({ everyone: true });
    const foldNext = async (): Promise<boolean> => (await plans.fold(log.events.splice(0), 600)).allCompleted;
    expect(await foldNext()).toBe(false);
    log.complete(0, [0]);
    expect(await foldNext()).toBe(false);
    log.complete(0, [2, 1]);
    expect(await foldNext()).toBe(true);
  });

  it('is written at once where it is small, and no row of a client is kept for it', async () => {
    const log = new DirectoryLog();
    log.register(300, 2);
    log.start({ everyone: true });
    log.change(() => true, 'Zulu', 'gold');
    await plans.fold(log.events, 300);
    expect([await plans.countOf('client_before'), await plans.countOf('plan_cut')]).toEqual([0, 0]);
    expect(await plans.planned(log)).toEqual(await plans.expected(log));
  });
});
