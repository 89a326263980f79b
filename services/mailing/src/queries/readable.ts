import type { Logger } from '@herald/service-kit';
import type { z } from 'zod';

/**
 * The rows that the asker can read. One that does not fit (another release wrote it) is said and left out: it would
 * take the answer about all others with it.
 */
export function readable<Row>(log: Logger, schema: z.ZodType, rows: readonly Row[]): Row[] {
  return rows.filter((row) => {
    const { error } = schema.safeParse(row);
    if (error !== undefined) log.error({ err: error, row: nameOf(row) }, 'a stored row cannot be read');
    return error === undefined;
  });
}

const nameOf = (row: unknown): unknown =>
  typeof row === 'object' && row !== null && 'id' in row ? row.id : undefined;
