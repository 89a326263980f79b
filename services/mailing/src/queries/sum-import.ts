import { IMPORT_ERRORS, type importQuery } from '@herald/contracts';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';

const errorList = z.array(z.object({ line: z.int(), message: z.string() }));

/** What the chunks of an import have led to so far, with the first errors in the order of the lines. */
export async function sumImport(
  { database }: Dependencies,
  { importId }: z.infer<typeof importQuery.request>,
): Promise<z.infer<typeof importQuery.reply>> {
  const { rows } = await sql<{ chunks: number; registered: number; updated: number; rejected: number }>`
    select count(*)::int as chunks,
      coalesce(sum((outcome#>>'{summary,registered}')::int), 0)::int as registered,
      coalesce(sum((outcome#>>'{summary,updated}')::int), 0)::int as updated,
      coalesce(sum((outcome#>>'{summary,rejected}')::int), 0)::int as rejected
    from command_result where import_id = ${importId}`.execute(database);
  const errors = await sql<{ error: unknown }>`
    select error from command_result, jsonb_array_elements(outcome#>'{summary,errors}') as error
    where import_id = ${importId}
    order by (error->>'line')::int limit ${IMPORT_ERRORS}`.execute(database);
  const { chunks, ...sums } = rows[0] ?? { chunks: 0, registered: 0, updated: 0, rejected: 0 };
  return {
    chunksDone: chunks,
    summary: { ...sums, errors: errorList.parse(errors.rows.map((row) => row.error)) },
  };
}
