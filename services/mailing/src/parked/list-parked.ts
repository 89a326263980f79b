import type { directoryParkedQuery, ParkedEvent } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { cutPage } from '../queries/page.ts';

interface ParkedRow {
  readonly fold: string;
  readonly sequence: number;
  readonly subject: string;
  readonly error: string;
  readonly text: string;
  readonly parked_at: Date;
}

/** The events that the directory is without, in the order of the log. */
export async function listParked(
  { database }: Dependencies,
  { limit, after }: z.infer<typeof directoryParkedQuery.request>,
): Promise<z.infer<typeof directoryParkedQuery.reply>> {
  const { fold, position } = after ?? { fold: '', position: 0 };
  const { rows } = await sql<ParkedRow>`
    select fold, sequence, subject, error, text, parked_at from parked_event
    where (fold, sequence) > (${fold}, ${position}::bigint)
    order by fold, sequence limit ${limit + 1}`.execute(database);
  return cutPage(rows.map(shown), limit, (event) => ({ fold: event.fold, position: event.position }));
}

const shown = (row: ParkedRow): ParkedEvent => ({
  id: `directory.${row.fold}.${row.sequence}`,
  model: 'directory',
  fold: row.fold,
  position: row.sequence,
  subject: row.subject,
  type: typeOf(row.text),
  error: row.error,
  parkedAt: row.parked_at.toISOString(),
  text: row.text,
});

function typeOf(text: string): string | null {
  try {
    const parsed: unknown = JSON.parse(text);
    const isEvent = typeof parsed === 'object' && parsed !== null && 'type' in parsed;
    return isEvent && typeof parsed.type === 'string' ? parsed.type : null;
  } catch {
    return null;
  }
}
