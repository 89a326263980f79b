import type { MailingFilter } from '@herald/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { totalsOf } from './batch-order.ts';
import { type PlanCut, writeBatches } from './write-batches.ts';

/** A page that takes longer is given up, and a smaller one is tried: others wait for it. */
const TIMEOUT_MS = 20_000;

interface PlanCutRow {
  readonly position: number;
  readonly filter: MailingFilter;
  readonly first_message_id: number | null;
  readonly timezones: string[];
  readonly clients: number[];
  readonly batches_cut: number;
  readonly last_ids: string[];
}

/**
 * Cuts the next batches of a plan in one transaction, with the progress. The row of the plan is locked: of two instances the
 * second one goes on behind the first.
 *
 * @param most how many batches at most
 * @returns how many batches are cut now; `null` where all are
 */
export function cutPage(database: Kysely<Tables>, mailingId: string, most: number): Promise<number | null> {
  return database.transaction().execute(async (transaction) => {
    await sql.raw(`set local statement_timeout = ${TIMEOUT_MS}`).execute(transaction);
    const cut = await lockCut(transaction, mailingId);
    if (cut === undefined) return null;
    const next = await writeBatches(transaction, mailingId, cut, most);
    if (next.batchesCut >= totalsOf(next.clients).batches) {
      await sql`delete from plan_cut where mailing_id = ${mailingId}`.execute(transaction);
      return null;
    }
    await sql`
      update plan_cut set batches_cut = ${next.batchesCut}, last_ids = ${next.lastIds}::uuid[]
      where mailing_id = ${mailingId}`.execute(transaction);
    return next.batchesCut;
  });
}

async function lockCut(transaction: Transaction<Tables>, mailingId: string): Promise<PlanCut | undefined> {
  const { rows } = await sql<PlanCutRow>`
    select position, filter, first_message_id, timezones, clients, batches_cut, last_ids from plan_cut
    where mailing_id = ${mailingId} for update`.execute(transaction);
  const row = rows[0];
  if (row === undefined) return undefined;
  if (row.first_message_id === null) throw new Error(`what is left of the plan of ${mailingId} is not known`);
  return {
    position: row.position,
    filter: row.filter,
    firstMessageId: row.first_message_id,
    timezones: row.timezones,
    clients: row.clients,
    batchesCut: row.batches_cut,
    lastIds: row.last_ids,
  };
}
