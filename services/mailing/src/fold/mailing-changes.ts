import type { Mailing, MailingEvent } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** What the writing of a row of events has found out about plans. */
export interface PlansFound {
  /** A plan that was being cut need not be any more. */
  readonly endsCuts: boolean;
  /** All batches of a plan are completed: its mailing may have to be settled. */
  readonly allCompleted: boolean;
}

/** What a row of events makes of the mailings and of the progress of their plans, gathered to be written at once. */
export class MailingChanges {
  #latest = new Map<string, Mailing>();
  #startedAt = new Map<string, number>();
  #completed = new Map<string, number>();
  #endsCuts = false;
  #allCompleted = false;

  /** What came up in all that was written. */
  get found(): PlansFound {
    return { endsCuts: this.#endsCuts, allCompleted: this.#allCompleted };
  }

  add(event: MailingEvent, sequence: number): void {
    const { mailing } = event.data;
    this.#latest.set(mailing.id, mailing);
    if (event.type === 'MailingStarted') this.#startedAt.set(mailing.id, sequence);
  }

  /** One more batch of a mailing is completed. The log holds each completion once. */
  completed(mailingId: string): void {
    this.#completed.set(mailingId, (this.#completed.get(mailingId) ?? 0) + 1);
  }

  async write(transaction: Transaction<Tables>): Promise<void> {
    if (await countCompleted(transaction, this.#completed)) this.#allCompleted = true;
    if (this.#latest.size > 0) {
      const mailings = [...this.#latest.values()];
      const sequences = mailings.map((mailing) => this.#startedAt.get(mailing.id) ?? null);
      await upsertMailings(transaction, mailings, sequences);
      if (await followPlans(transaction, mailings)) this.#endsCuts = true;
    }
    this.#latest = new Map();
    this.#startedAt = new Map();
    this.#completed = new Map();
  }
}

/** @returns whether a plan has no batch left */
async function countCompleted(
  transaction: Transaction<Tables>,
  completed: ReadonlyMap<string, number>,
): Promise<boolean> {
  if (completed.size === 0) return false;
  const { rows } = await sql<{ all: boolean }>`
    update plan set completed = plan.completed + done.count
    from unnest(${[...completed.keys()]}::uuid[], ${[...completed.values()]}::int[]) as done (mailing_id, count)
    where plan.mailing_id = done.mailing_id
    returning plan.completed >= plan.batches as all`.execute(transaction);
  return rows.some(({ all }) => all);
}

async function upsertMailings(
  transaction: Transaction<Tables>,
  mailings: readonly Mailing[],
  startedSequences: ReadonlyArray<number | null>,
): Promise<void> {
  await sql`
    insert into mailing (id, status, created_at, started_sequence, settled, state)
    select * from unnest(
      ${mailings.map((mailing) => mailing.id)}::uuid[], ${mailings.map((mailing) => mailing.status)}::text[],
      ${mailings.map((mailing) => mailing.createdAt)}::timestamptz[], ${startedSequences}::bigint[],
      ${mailings.map((mailing) => mailing.settledAt !== null)}::boolean[],
      ${mailings.map((mailing) => JSON.stringify(mailing))}::jsonb[])
    on conflict (id) do update set
      status = excluded.status, settled = excluded.settled, state = excluded.state,
      started_sequence = coalesce(excluded.started_sequence, mailing.started_sequence)`.execute(transaction);
}

/**
 * A plan is resolved and settled when the mailing says so. All batches of a resolved one are in the log, as many as the mailing
 * says: what is not cut by then need not be, and those that are cut are needed no more.
 *
 * @returns whether there was such a plan
 */
async function followPlans(transaction: Transaction<Tables>, mailings: readonly Mailing[]): Promise<boolean> {
  let endsCuts = false;
  const audiences = mailings.flatMap(({ id, audience }) => (audience === null ? [] : [{ id, ...audience }]));
  const resolved = audiences.map(({ id }) => id);
  const settled = mailings.filter((mailing) => mailing.settledAt !== null).map((mailing) => mailing.id);
  if (resolved.length > 0) {
    await sql`
      update plan set resolved = true, messages = told.messages, batches = told.batches
      from unnest(${resolved}::uuid[], ${audiences.map(({ messages }) => messages)}::bigint[],
        ${audiences.map(({ batches }) => batches)}::int[]) as told (mailing_id, messages, batches)
      where plan.mailing_id = told.mailing_id
        and (not resolved or plan.messages <> told.messages or plan.batches <> told.batches)`.execute(
      transaction,
    );
    const { numAffectedRows = 0n } = await sql`
      delete from plan_cut where mailing_id = any(${resolved}::uuid[])`.execute(transaction);
    endsCuts = numAffectedRows > 0n;
    await sql`delete from plan_batch where mailing_id = any(${resolved}::uuid[])`.execute(transaction);
  }
  if (settled.length > 0) {
    await sql`
      update plan set settled = true where mailing_id = any(${settled}::uuid[]) and not settled`.execute(
      transaction,
    );
  }
  return endsCuts;
}
