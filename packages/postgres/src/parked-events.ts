import type { LogRecord } from '@herald/event-log';
import { type Kysely, sql, type Transaction } from 'kysely';

/**
 * Keeps an event that could not be folded, with the reason; one that is kept already stays as it is.
 *
 * @returns whether it is new: several outcomes of one record are kept as one
 */
export async function park<Tables>(
  transaction: Transaction<Tables>,
  fold: string,
  record: LogRecord,
  error: unknown,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into parked_event (fold, sequence, subject, error, text)
    values (${fold}, ${record.sequence}, ${record.subject}, ${storable(String(error))}, ${storable(record.text)})
    on conflict do nothing`.execute(transaction);
  return numAffectedRows === 1n;
}

/** How many events of a fold are kept. */
export async function countParked<Tables>(database: Kysely<Tables>, fold: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from parked_event where fold = ${fold}`.execute(database);
  return rows[0]?.count ?? 0;
}

/** PostgreSQL's text holds no NUL; without this such an event could not even be parked and would stop the fold. */
const storable = (text: string): string => text.replaceAll('\u0000', '\uFFFD');
