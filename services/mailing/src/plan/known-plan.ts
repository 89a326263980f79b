import type { Mailing } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { KnownPlans } from '../fold/look-ahead.ts';
import { useUpTo } from './message-counter.ts';
import type { PlanInLog } from './plan-in-log.ts';

/**
 * Takes over what the log says of a plan, at the mailing's start. Of one that is resolved there nothing is left to do: its
 * totals count, and its message ids are used. Of any other nobody knows yet what is left to cut, since the log may hold a
 * part of it: it stays open until what stands in the log now is folded, and what it held at its start is kept till then.
 *
 * @param position of the mailing's start
 * @param until how far the log is by now
 */
export async function takeKnownPlan(
  transaction: Transaction<Tables>,
  { id: mailingId, filter }: Mailing,
  correlationId: string,
  position: number,
  plan: PlanInLog,
  until: number,
): Promise<void> {
  const isResolved = plan.kind === 'resolved';
  const { messages, batches } = isResolved ? plan.audience : { messages: 0, batches: 0 };
  await sql`
    insert into plan (mailing_id, batches, messages, resolved, correlation_id, first_message_id)
    values (${mailingId}, ${batches}, ${messages}, ${isResolved}, ${correlationId}, ${plan.first})`.execute(
    transaction,
  );
  if (!isResolved) {
    await sql`
      insert into plan_cut (mailing_id, position, filter, known_until, timezones, clients, last_ids)
      values (${mailingId}, ${position}, ${JSON.stringify(filter)}, ${until}, '{}', '{}', '{}')`.execute(
      transaction,
    );
  }
  await useUpTo(transaction, plan.last ?? 0);
}

/** A plan that was open is resolved: its message ids are used, as the log says. */
export async function noteResolved(
  transaction: Transaction<Tables>,
  mailingId: string,
  known: KnownPlans | undefined,
): Promise<void> {
  const plan = known?.plans.get(mailingId);
  if (plan?.kind !== 'resolved' || plan.first === null) return;
  await sql`
    update plan set first_message_id = ${plan.first} where mailing_id = ${mailingId}`.execute(transaction);
  await useUpTo(transaction, plan.last ?? 0);
}
