import { type Kysely, sql } from 'kysely';
import { FOLD } from '../database/look.ts';
import type { Tables } from '../database/tables.ts';
import { CONCURRENCY, CUT_CONCURRENCY, type DuePlans } from './choose-plans.ts';
import type { UnresolvedPlan } from './publish-plan.ts';

/** A plan of which something is to be done. */
export interface DuePlan extends UnresolvedPlan {
  readonly resolved: boolean;
  /** What is left to cut of it must be found out first. */
  readonly open: boolean;
}

/**
 * The plans that are not resolved, or whose batches are all completed; at most as many as can be carried at once.
 *
 * @param left mailings that are left out
 * @param last mailings that come behind all others, in this order
 */
export async function findDue(
  database: Kysely<Tables>,
  left: readonly string[],
  last: readonly string[],
): Promise<DuePlans<DuePlan>> {
  const isDue = sql`
    not settled and (not resolved or completed >= batches) and mailing_id <> all(${left}::uuid[])`;
  const turn = sql`coalesce(array_position(${last}::uuid[], mailing_id), 0)`;
  // Large ones in the order of their starts: one that starts later must not overtake, again and again, one that waits.
  const { rows } = await sql<DuePlan>`
    (select mailing_id, batches, messages, correlation_id, resolved, batches_cut, plan_cut.first_message_id is null as open
     from plan join plan_cut using (mailing_id) where ${isDue}
       and (plan_cut.first_message_id is not null
         or known_until <= (select sequence from checkpoint where name = ${FOLD}))
     order by ${turn}, position limit ${CUT_CONCURRENCY})
    union all
    (select mailing_id, batches, messages, correlation_id, resolved, null, false from plan
     where ${isDue} and not exists (select from plan_cut cut where cut.mailing_id = plan.mailing_id)
     order by ${turn}, mailing_id limit ${CONCURRENCY})`.execute(database);
  const isLarge = (plan: DuePlan): boolean => plan.batches_cut !== null;
  return { small: rows.filter((plan) => !isLarge(plan)), large: rows.filter(isLarge) };
}

/** How far must be folded before the next open plan is due; `undefined` where there is none. */
export async function findOpenUntil(database: Kysely<Tables>): Promise<number | undefined> {
  const { rows } = await sql<{ until: number | null }>`
    select min(known_until) as until from plan_cut
    where first_message_id is null
      and known_until > (select sequence from checkpoint where name = ${FOLD})`.execute(database);
  return rows[0]?.until ?? undefined;
}
