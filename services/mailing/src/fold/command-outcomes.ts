import type { HeraldEvent } from '@herald/contracts';
import { isClientEvent, isMailingEvent } from '@herald/contracts';
import { sql, type Transaction } from 'kysely';
import { KEPT_DAYS } from '../commands/command-results.ts';
import { outcomeOf } from '../commands/outcome-of-event.ts';
import type { Tables } from '../database/tables.ts';

interface ToldResult {
  readonly commandId: string;
  readonly fingerprint: string;
  readonly outcome: string;
  readonly at: string;
}

/** The results of commands that events of the log tell, gathered to be written at once. */
export class CommandOutcomes {
  #told: ToldResult[] = [];

  /** Takes the result that an event tells, if it does: those of imports and of earlier releases tell none. */
  add(event: HeraldEvent): void {
    const { causationid: commandId, fingerprint, time: at } = event;
    if (commandId === undefined || fingerprint === undefined) return;
    if (!isClientEvent(event) && !isMailingEvent(event)) return;
    this.#told.push({ commandId, fingerprint, outcome: JSON.stringify(outcomeOf(event)), at });
  }

  /** Writes them, but for those that are as old as results are deleted: a model that is made anew meets years of them. */
  async write(transaction: Transaction<Tables>): Promise<void> {
    const told = this.#told;
    if (told.length === 0) return;
    this.#told = [];
    await sql`
      insert into command_result (command_id, fingerprint, outcome, created_at)
      select * from unnest(
        ${told.map((one) => one.commandId)}::uuid[], ${told.map((one) => one.fingerprint)}::text[],
        ${told.map((one) => one.outcome)}::jsonb[], ${told.map((one) => one.at)}::timestamptz[])
        as told (command_id, fingerprint, outcome, at)
      where told.at > now() - make_interval(days => ${KEPT_DAYS})
      on conflict (command_id) do nothing`.execute(transaction);
  }
}
