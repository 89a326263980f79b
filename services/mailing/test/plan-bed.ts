import type { Mailing } from '@herald/contracts';
import type { FoldedEvent } from '@herald/postgres';
import { type Kysely, sql } from 'kysely';
import { beforeAll, beforeEach } from 'vitest';
import type { Tables } from '../src/database/tables.ts';
import { applyEvents } from '../src/fold/apply-events.ts';
import type { PlansFound } from '../src/fold/mailing-changes.ts';
import { cutPage } from '../src/plan/cut-page.ts';
import type { DirectoryLog } from './directory-log.ts';
import { useMailingTables } from './mailing-database.ts';
import { makeReference, type PlannedBatches, planByOneStatement, readPlan } from './reference-plan.ts';

/** Tables in which a test folds a log and cuts the plans of its mailings page by page. */
export interface PlanBed {
  readonly database: Kysely<Tables>;
  /** Leaves the tables as they are before the first event. */
  empty(): Promise<void>;
  /**
   * @param atOnce how many clients a plan may have that is written with its start
   * @returns what came up about plans
   */
  fold(events: readonly FoldedEvent[], atOnce?: number): Promise<PlansFound>;
  /** Cuts what is left of a plan, so many batches a page. */
  cutWhole(mailing: Mailing, batches: number): Promise<void>;
  /** What one statement makes of the clients at the positions of the starts, one mailing after another. */
  expected(log: DirectoryLog): Promise<PlannedBatches[]>;
  planned(log: DirectoryLog): Promise<PlannedBatches[]>;
  countOf(table: string): Promise<number>;
}

/** For the tests of the block that calls it; empty before each of them. */
export function usePlans(): PlanBed {
  const tables = useMailingTables(4);
  beforeAll(() => makeReference(tables.database));
  beforeEach(() => empty(tables.database));
  return {
    get database() {
      return tables.database;
    },
    empty: () => empty(tables.database),
    fold: (events, atOnce = 0) =>
      tables.database.transaction().execute((transaction) => applyEvents(transaction, events, { atOnce })),
    cutWhole: async (mailing, batches) => {
      while ((await cutPage(tables.database, mailing.id, batches)) !== null);
    },
    expected: async (log) => {
      const plans: PlannedBatches[] = [];
      let next = 1;
      for (const { mailing, clients } of log.started) {
        const plan = await planByOneStatement(tables.database, mailing, clients, next);
        next += plan.messages;
        plans.push(plan);
      }
      return plans;
    },
    planned: (log) => Promise.all(log.started.map(({ mailing }) => readPlan(tables.database, mailing.id))),
    countOf: async (table) => {
      const count = sql<{ count: number }>`select count(*) from ${sql.table(table)}`;
      return (await count.execute(tables.database)).rows[0]?.count ?? -1;
    },
  };
}

async function empty(database: Kysely<Tables>): Promise<void> {
  const all = sql`client, client_before, plan, plan_batch, plan_cut, mailing, phone_reservation`;
  await sql`truncate ${all}`.execute(database);
  await sql`update message_counter set next = 1`.execute(database);
}
