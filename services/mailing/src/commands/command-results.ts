import { type CommandResult, commandOutcome, commandResult } from '@herald/contracts';
import { type Kysely, sql } from 'kysely';
import { groupedByDatabase } from '../database/group-commit.ts';
import { type Look, look } from '../database/look.ts';
import type { Tables } from '../database/tables.ts';
import { reliablePosition } from '../queries/current-position.ts';

/**
 * The stored result of a command; null where it was not carried out yet, and where its event is not folded yet.
 *
 * @throws ZodError where what is stored cannot be read
 */
export async function findResult(database: Kysely<Tables>, commandId: string): Promise<CommandResult | null> {
  return resultOf(commandId, await look(database, commandId));
}

/** A command's stored result; where there is none, the position up to which those that events tell are stored. */
export type StoredResult =
  | { readonly kind: 'stored'; readonly result: CommandResult }
  | { readonly kind: 'missing'; readonly folded: number };

/** @throws ZodError where what is stored cannot be read; DirectoryNotReadyError where nothing is and that says nothing now */
export async function lookForResult(database: Kysely<Tables>, commandId: string): Promise<StoredResult> {
  const seen = await look(database, commandId);
  const result = resultOf(commandId, seen);
  if (result !== null) return { kind: 'stored', result };
  return { kind: 'missing', folded: reliablePosition(database, seen).sequence };
}

const resultOf = (commandId: string, { result }: Look): CommandResult | null =>
  result === undefined ? null : commandResult.parse({ commandId, ...result });

/** Whether each was stored; `false` where one is there already. */
const insertResult = groupedByDatabase<CommandResult, boolean>(async (database, results) => {
  const { rows } = await sql<{ command_id: string }>`
    insert into command_result (command_id, fingerprint, outcome)
    select * from unnest(
      ${results.map((result) => result.commandId)}::uuid[],
      ${results.map((result) => result.fingerprint)}::text[],
      ${results.map((result) => JSON.stringify(result.outcome))}::jsonb[])
    on conflict (command_id) do nothing
    returning command_id`.execute(database);
  const stored = new Set(rows.map((row) => row.command_id));
  // Of two under one id in a group the first is stored.
  return results.map((result) => stored.delete(result.commandId.toLowerCase()));
});

/**
 * Stores a result that no event of the log tells, unless one is there: then that one stays, and is answered, since it is
 * what the person was told.
 */
export async function storeResult(database: Kysely<Tables>, result: CommandResult): Promise<CommandResult> {
  const outcome = commandOutcome.parse(result.outcome);
  if (await insertResult(database, { ...result, outcome })) return result;
  return (await findResult(database, result.commandId)) ?? result;
}

/** How long results are kept, days: longer than commands are (7), so that a late redelivery still finds its result. */
export const KEPT_DAYS = 14;

/** Deletes results that are older than promised. */
export async function deleteOldResults(database: Kysely<Tables>): Promise<void> {
  await sql`
    delete from command_result where created_at < now() - make_interval(days => ${KEPT_DAYS})`.execute(
    database,
  );
}
