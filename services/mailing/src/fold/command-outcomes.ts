import type { HeraldEvent } from '@herald/contracts';
import { isOutage, isStructureGone } from '@herald/postgres';
import { sql, type Transaction } from 'kysely';
import { KEPT_DAYS } from '../commands/command-results.ts';
import { resultToldBy } from '../commands/told-result.ts';
import type { Tables } from '../database/tables.ts';

interface ToldResult {
  readonly commandId: string;
  readonly fingerprint: string;
  readonly outcome: string;
  readonly at: string;
}

/** The results of commands that events of the log tell, gathered to be written at once. */
export class CommandOutcomes {
  /** By the ids of the commands: of two under one id the first counts. */
  #told = new Map<string, ToldResult>();

  /** Takes the result that an event tells, if it does: those of imports and of earlier releases tell none. */
  add(event: HeraldEvent): void {
    const told = resultToldBy(event);
    if (told === null || this.#told.has(told.commandId)) return;
    this.#told.set(told.commandId, { ...told, outcome: JSON.stringify(told.outcome), at: event.time });
  }

  /**
   * Writes them, but for those that are as old as results are deleted: a model that is made anew meets years of them. What is
   * there stays, since somebody was told so; only a refusal gives way, which two deliveries at once may have led to.
   */
  async write(transaction: Transaction<Tables>): Promise<void> {
    const told = [...this.#told.values()];
    if (told.length === 0) return;
    this.#told = new Map();
    await sql`
      insert into command_result (command_id, fingerprint, outcome, created_at)
      select * from unnest(
        ${told.map((one) => one.commandId)}::uuid[], ${told.map((one) => one.fingerprint)}::text[],
        ${told.map((one) => one.outcome)}::jsonb[], ${told.map((one) => one.at)}::timestamptz[])
        as told (command_id, fingerprint, outcome, at)
      where told.at > now() - make_interval(days => ${KEPT_DAYS})
      on conflict (command_id) do update set fingerprint = excluded.fingerprint, outcome = excluded.outcome
      where command_result.outcome ->> 'kind' = 'refused'`.execute(transaction);
  }
  /**
   * Writes what can be written: what the event means for the directory does not depend on a result that cannot be stored.
   *
   * @param lost told why it cannot
   */
  async writeIfPossible(transaction: Transaction<Tables>, lost: (error: unknown) => void): Promise<void> {
    await sql`savepoint outcomes`.execute(transaction);
    try {
      await this.write(transaction);
      await sql`release savepoint outcomes`.execute(transaction);
    } catch (error) {
      if (isOutage(error) || isStructureGone(error)) throw error;
      await sql`rollback to savepoint outcomes`.execute(transaction);
      lost(error);
    }
  }
}
