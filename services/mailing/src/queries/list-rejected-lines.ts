import type { importRejectedQuery, RejectedLine } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { cutPage } from './page.ts';

/** Chunks are read until they hold so many lines, and no more of them than this. */
const ENOUGH_LINES = 1_000;
const MOST_CHUNKS = 64;

/**
 * Rejected lines of an import in the order of its lines: whole chunks, as many as fit one answer. That there are no more is
 * told by an answer without any.
 */
export async function listRejectedLines(
  { database }: Dependencies,
  { importId, after }: z.infer<typeof importRejectedQuery.request>,
): Promise<z.infer<typeof importRejectedQuery.reply>> {
  const { rows } = await sql<{ chunk: number; rejected: RejectedLine[] }>`
    select chunk, rejected from (
      select chunk, rejected, sum(rejected_lines) over (order by chunk) - rejected_lines as before
      from (
        select chunk, rejected, rejected_lines from command_result
        where import_id = ${importId} and rejected is not null and chunk > ${after ?? -1}
        order by chunk limit ${MOST_CHUNKS}
      ) following
    ) counted
    where before < ${ENOUGH_LINES} order by chunk`.execute(database);
  const { items } = cutPage(rows, MOST_CHUNKS, ({ chunk }) => chunk);
  return { lines: items.flatMap(({ rejected }) => rejected), next: items.at(-1)?.chunk ?? null };
}
