import { IMPORT_ERRORS, type importRecordQuery, type RejectedLine } from '@herald/contracts';
import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';

type Reply = z.infer<typeof importRecordQuery.reply>;

/** What is stored of an import, with the first errors in the order of the lines, whoever rejected them. */
export async function findImport(
  { database }: Dependencies,
  { importId }: z.infer<typeof importRecordQuery.request>,
): Promise<Reply> {
  // First the record: a chunk that is carried out in between is in the sums then, and none of them is missing.
  const record = await findRecord(database, importId);
  const { rows } = await sql<Omit<Reply, 'record' | 'errors' | 'latest'> & { latest: Date | null }>`
    select count(*)::int as "chunksDone",
      coalesce(sum((outcome#>>'{summary,registered}')::int), 0)::int as registered,
      coalesce(sum((outcome#>>'{summary,updated}')::int), 0)::int as updated,
      coalesce(sum((outcome#>>'{summary,rejected}')::int + coalesce(bad_lines, 0)), 0)::int as rejected,
      coalesce(sum(bad_lines), 0)::int as "badLines",
      max(created_at) as latest
    from command_result where import_id = ${importId}`.execute(database);
  const [sums] = rows;
  if (sums === undefined) throw new Error('an aggregate without a row');
  return {
    ...sums,
    latest: sums.latest?.toISOString() ?? null,
    record,
    errors: await firstErrors(database, importId),
  };
}

async function findRecord(database: Kysely<Tables>, importId: string): Promise<Reply['record']> {
  const found = await database
    .selectFrom('client_import')
    .selectAll()
    .where('id', '=', importId)
    .executeTakeFirst();
  if (found === undefined) return null;
  const { chunks, received, bad_lines: badLines, stopped } = found;
  return {
    onDuplicate: found.on_duplicate,
    dryRun: found.dry_run,
    startedAt: found.started_at.toISOString(),
    end:
      chunks === null || received === null || badLines === null || stopped === null
        ? null
        : { chunks, received, badLines, stopped },
  };
}

/** Only the chunks are read that hold them: of a large import all would be too much. */
async function firstErrors(database: Kysely<Tables>, importId: string): Promise<Reply['errors']> {
  const { rows } = await sql<{ rejected: RejectedLine[] }>`
    select rejected from (
      select chunk, rejected, sum(rejected_lines) over (order by chunk) - rejected_lines as before
      from command_result where import_id = ${importId} and rejected is not null
    ) part
    where before < ${IMPORT_ERRORS} order by chunk`.execute(database);
  return rows
    .flatMap(({ rejected }) => rejected)
    .slice(0, IMPORT_ERRORS)
    .map(({ line, reason: message }) => ({ line, message }));
}
