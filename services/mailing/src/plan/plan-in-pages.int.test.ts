import { type Mailing, newId } from '@herald/contracts';
import { type FoldedEvent, migrate, openDatabase } from '@herald/postgres';
import { createTestDatabase, type TestDatabase } from '@herald/testkit';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CODES, DirectoryLog, TAGS, ZONES } from '../../test/directory-log.ts';
import {
  makeReference,
  type PlannedBatches,
  planByOneStatement,
  readPlan,
} from '../../test/reference-plan.ts';
import { migrations } from '../database/migrations.ts';
import type { Tables } from '../database/tables.ts';
import { SCHEMA } from '../dependencies.ts';
import { applyEvents } from '../fold/apply-events.ts';
import { forgetClientsBefore } from './clients-before.ts';
import { cutPage } from './cut-page.ts';
import { NO_CLIENT, writeBatches } from './write-batches.ts';

/** What happens: to those clients whose number leaves `rest` when divided by `every`, or to the plan of that place. */
type Step =
  | { kind: 'register'; clients: number; zones: number }
  | { kind: 'change'; every: number; rest: number; zone: string; tag: string }
  | { kind: 'remove' | 'register again'; every: number; rest: number }
  | { kind: 'start'; filter: Mailing['filter'] }
  | { kind: 'fold' | 'analyze' | 'forget' }
  | { kind: 'cut'; plan: number; batches: number };

const some = { every: fc.integer({ min: 1, max: 9 }), rest: fc.nat(8) };
const filter: fc.Arbitrary<Mailing['filter']> = fc.oneof(
  fc.constant({ everyone: true as const }),
  fc.record({ tags: fc.subarray(TAGS, { minLength: 1 }) }),
  fc.record({
    operatorCodes: fc.subarray(CODES, { minLength: 1 }),
    tags: fc.subarray(TAGS, { minLength: 1 }),
  }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('register' as const),
    clients: fc.integer({ min: 1, max: 500 }),
    zones: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant('change' as const),
    ...some,
    zone: fc.constantFrom(...ZONES),
    tag: fc.constantFrom(...TAGS),
  }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'register again' as const), ...some }),
  fc.record({ kind: fc.constant('start' as const), filter }),
  fc.record({ kind: fc.constantFrom('fold' as const, 'analyze' as const, 'forget' as const) }),
  fc.record({ kind: fc.constant('cut' as const), plan: fc.nat(3), batches: fc.integer({ min: 1, max: 5 }) }),
);

describe('a plan that is cut in pages', () => {
  let testDatabase: TestDatabase;
  let database: Kysely<Tables>;
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = openDatabase<Tables>({
      url: testDatabase.url,
      schema: SCHEMA,
      connections: 4,
      name: 'tester',
    });
    await migrate(database, SCHEMA, migrations);
    await makeReference(database);
  });
  afterAll(async () => {
    await database.destroy();
    await testDatabase.drop();
  });
  const empty = async (): Promise<void> => {
    await sql`truncate client, client_before, plan, plan_batch, plan_cut, mailing, phone_reservation`.execute(
      database,
    );
    await sql`update message_counter set next = 1`.execute(database);
  };
  beforeEach(empty);

  const fold = (events: readonly FoldedEvent[], atOnce = 0): Promise<boolean> =>
    database.transaction().execute((transaction) => applyEvents(transaction, events, atOnce));
  const cutWhole = async (mailing: Mailing, batches: number): Promise<void> => {
    while ((await cutPage(database, mailing.id, batches)) !== null);
  };
  /** What one statement makes of the clients at the positions of the starts, one mailing after another. */
  const expected = async (log: DirectoryLog): Promise<PlannedBatches[]> => {
    const plans: PlannedBatches[] = [];
    let next = 1;
    for (const { mailing, clients } of log.started) {
      const plan = await planByOneStatement(database, mailing, clients, next);
      next += plan.messages;
      plans.push(plan);
    }
    return plans;
  };
  const planned = (log: DirectoryLog): Promise<PlannedBatches[]> =>
    Promise.all(log.started.map(({ mailing }) => readPlan(database, mailing.id)));
  const countOf = async (table: string): Promise<number> => {
    const { rows } = await sql<{ count: number }>`select count(*) from ${sql.table(table)}`.execute(database);
    return rows[0]?.count ?? -1;
  };

  it('holds what one statement at the position of its start makes, whatever happens until it is cut', async () => {
    const scenario = fc.record({
      first: fc.integer({ min: 1, max: 1_500 }),
      zones: fc.integer({ min: 1, max: 4 }),
      steps: fc.array(step, { minLength: 4, maxLength: 16, size: 'max' }),
      atOnce: fc.constantFrom(0, 0, 0, 700, 16_000),
      analyzed: fc.boolean(),
      page: fc.integer({ min: 1, max: 7 }),
    });
    const run = async ({
      first,
      zones,
      steps,
      atOnce,
      analyzed,
      page,
    }: ScenarioOf<typeof scenario>): Promise<void> => {
      await empty();
      const log = new DirectoryLog();
      let folded = 0;
      const foldAll = async (): Promise<void> => {
        await fold(log.events.slice(folded), atOnce);
        folded = log.events.length;
      };
      log.register(first, zones);
      await foldAll();
      // The estimate of the directory's size decides in which way a page is read.
      if (analyzed) await sql`analyze client`.execute(database);
      log.start({ everyone: true });
      for (const one of steps) {
        switch (one.kind) {
          case 'register':
            log.register(one.clients, one.zones);
            break;
          case 'change':
            log.change((number) => number % one.every === one.rest % one.every, one.zone, one.tag);
            break;
          case 'remove':
            log.remove((number) => number % one.every === one.rest % one.every);
            break;
          case 'register again':
            log.registerAgain((number) => number % one.every === one.rest % one.every);
            break;
          case 'start':
            log.start(one.filter);
            break;
          case 'fold':
            await foldAll();
            break;
          case 'analyze':
            await sql`analyze client`.execute(database);
            break;
          case 'forget':
            await forgetClientsBefore(database, new AbortController().signal);
            break;
          case 'cut': {
            await foldAll();
            const { mailing } = log.started[one.plan % log.started.length] ?? {};
            if (mailing !== undefined) await cutPage(database, mailing.id, one.batches);
            break;
          }
          default:
            one satisfies never;
        }
      }
      await foldAll();
      for (const { mailing } of log.started) await cutWhole(mailing, page);
      expect(await planned(log)).toEqual(await expected(log));
      await forgetClientsBefore(database, new AbortController().signal);
      expect([await countOf('client_before'), await countOf('plan_cut')]).toEqual([0, 0]);
    };
    await fc.assert(fc.asyncProperty(scenario, run), {
      numRuns: Number(process.env.PLAN_RUNS ?? 15),
      interruptAfterTimeLimit: 90_000,
      endOnFailure: true,
    });
  });

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
    await fold(log.events);
    for (const { mailing } of log.started.toReversed()) await cutWhole(mailing, 1);
    expect(await planned(log)).toEqual(await expected(log));
  });

  it('takes rows of an earlier release for older than every start', async () => {
    const log = new DirectoryLog();
    log.register(600, 2);
    await fold(log.events);
    await sql`update client set position = 0`.execute(database);
    log.start({ everyone: true });
    log.change((number) => number % 2 === 0, 'Zulu', 'gold');
    await fold(log.events.slice(600));
    await cutWhole(log.started[0]?.mailing as Mailing, 1);
    expect(await planned(log)).toEqual(await expected(log));
  });

  it('is the same where each page reads a small audience anew instead of walking through the directory', async () => {
    const log = new DirectoryLog();
    log.register(3_000, 4);
    log.change((number) => number % 5 === 0, 'Zulu', 'rare');
    await fold(log.events);
    await sql`analyze client`.execute(database);
    const folded = log.events.length;
    log.start({ tags: ['rare'] });
    log.change((number) => number % 10 === 0, 'asia/Lower', 'plain');
    log.remove((number) => number % 15 === 0);
    await fold(log.events.slice(folded));
    await cutWhole(log.started[0]?.mailing as Mailing, 1);
    expect(await planned(log)).toEqual(await expected(log));
  });

  it.each([
    ['off', 'walks with a filter', { tags: ['gold'] }, 1],
    ['on', 'walks through everyone', { everyone: true as const }, 1],
    ['on', 'reads the whole audience by its filter', { tags: ['gold'] }, 100],
  ])('has bitmap scans %s where a page %s', async (expected, _how, planFilter, most) => {
    const log = new DirectoryLog();
    log.register(3_000, 4);
    await fold(log.events);
    await sql`analyze client`.execute(database);
    const found = await database.transaction().execute(async (transaction) => {
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
    await fold(log.events);
    const mailing = log.started[0]?.mailing as Mailing;
    await Promise.all([cutWhole(mailing, 2), cutWhole(mailing, 3)]);
    expect(await planned(log)).toEqual(await expected(log));
  });

  it('goes on where it was when a page fails', async () => {
    const log = new DirectoryLog();
    log.register(3_000, 3);
    log.start({ everyone: true });
    await fold(log.events);
    const mailing = log.started[0]?.mailing as Mailing;
    expect(await cutPage(database, mailing.id, 5)).toBe(5);
    // A batch that stands there already, with which the page's last statement fails.
    await sql`insert into plan_batch values (${mailing.id}, 7, '', 1, '{}')`.execute(database);
    await expect(cutPage(database, mailing.id, 5)).rejects.toThrow(/duplicate/);
    await sql`delete from plan_batch where batch = 7`.execute(database);
    expect(await cutPage(database, mailing.id, 5)).toBe(10);
    await cutWhole(mailing, 5);
    expect(await planned(log)).toEqual(await expected(log));
  });

  it('writes nothing where the directory holds other clients than were counted', async () => {
    const log = new DirectoryLog();
    log.register(600, 1);
    log.start({ everyone: true });
    await fold(log.events);
    const mailing = log.started[0]?.mailing as Mailing;
    await sql`delete from client where id = ${[...log.clients.keys()][0]}`.execute(database);
    await expect(cutPage(database, mailing.id, 64)).rejects.toThrow(/other clients/);
    expect(await countOf('plan_batch')).toBe(0);
  });

  it('need not be cut where it is settled by then, and later mailings get the same message ids', async () => {
    const log = new DirectoryLog();
    log.register(700, 2);
    log.start({ everyone: true });
    log.change((number) => number % 2 === 0, 'Zulu', 'gold');
    log.end(0);
    log.start({ tags: ['gold'] });
    expect(await fold(log.events)).toBe(true);
    expect(await cutPage(database, log.started[0]?.mailing.id ?? '', 1)).toBeNull();
    await cutWhole(log.started[1]?.mailing as Mailing, 1);
    const [, second] = await expected(log);
    const [settled, cut] = await planned(log);
    expect(settled?.batches).toEqual([]);
    expect(cut).toEqual(second);
    await forgetClientsBefore(database, new AbortController().signal);
    expect(await countOf('client_before')).toBe(0);
  });

  it('is written at once where it is small, and no row of a client is kept for it', async () => {
    const log = new DirectoryLog();
    log.register(300, 2);
    log.start({ everyone: true });
    log.change(() => true, 'Zulu', 'gold');
    await fold(log.events, 300);
    expect([await countOf('client_before'), await countOf('plan_cut')]).toEqual([0, 0]);
    expect(await planned(log)).toEqual(await expected(log));
  });
});

type ScenarioOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
