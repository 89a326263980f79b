import { type CommandResult, commandOutcome, commandResult } from '@herald/contracts';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** The stored result of a command, or null where it was not carried out yet. */
export async function findResult(database: Kysely<Tables>, commandId: string): Promise<CommandResult | null> {
  const row = await database
    .selectFrom('command_result')
    .select(['fingerprint', 'outcome'])
    .where('command_id', '=', commandId)
    .executeTakeFirst();
  if (row === undefined) return null;
  return commandResult.parse({ commandId, fingerprint: row.fingerprint, outcome: row.outcome });
}

/**
 * Stores a result, unless one is there: then that one stays, and is answered, since it is what the person was told.
 */
export async function storeResult(
  database: Kysely<Tables>,
  result: CommandResult,
  importId: string | null,
): Promise<CommandResult> {
  const outcome = commandOutcome.parse(result.outcome);
  const { numAffectedRows } = await sql`
    insert into command_result (command_id, import_id, fingerprint, outcome)
    values (${result.commandId}, ${importId}, ${result.fingerprint}, ${JSON.stringify(outcome)}::jsonb)
    on conflict (command_id) do nothing`.execute(database);
  if (numAffectedRows === 1n) return result;
  return (await findResult(database, result.commandId)) ?? result;
}

/** How long results are kept, days: longer than commands are (7), so that a late redelivery still finds its result. */
const KEPT_DAYS = 14;

/** Deletes results that are older than promised. */
export async function deleteOldResults(database: Kysely<Tables>): Promise<void> {
  await sql`
    delete from command_result where created_at < now() - make_interval(days => ${KEPT_DAYS})`.execute(
    database,
  );
}
