import type { ParkedEvent, statsParkedQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { inServed } from '../generations/in-served.ts';

interface Row {
  readonly fold: string;
  readonly sequence: number;
  readonly subject: string;
  readonly error: string;
  readonly text: string;
  readonly parked_at: Date;
}

/** A record may have a quarter of a megabyte, and a reply one: so few of them always fit. */
const MOST = 20;
/** What is shown of a record; the log has it whole. */
const SHOWN_CHARACTERS = 8_000;
const SHOWN_OF_ERROR = 2_000;

/** What could not be folded into the generation that is served, in the order of folds and positions. */
export async function listParked(
  { database }: Dependencies,
  { limit, after }: z.infer<typeof statsParkedQuery.request>,
): Promise<z.infer<typeof statsParkedQuery.reply>> {
  const size = Math.min(limit, MOST);
  const behind =
    after === null ? sql`true` : sql`(fold, sequence) > (${after.fold}::text, ${after.position}::bigint)`;
  const { rows } = await inServed(database, (transaction) =>
    sql<Row>`
      select fold, sequence, subject, left(error, ${SHOWN_OF_ERROR}) as error, left(text, ${SHOWN_CHARACTERS}) as text, parked_at from parked_event
      where ${behind} order by fold, sequence limit ${size + 1}`.execute(transaction),
  );
  const last = rows[size - 1];
  return {
    items: rows.slice(0, size).map(parkedOf),
    next: rows.length > size && last !== undefined ? { fold: last.fold, position: last.sequence } : null,
  };
}

const parkedOf = ({ fold, sequence, subject, error, text, parked_at }: Row): ParkedEvent => ({
  id: `stats.${fold}.${sequence}`,
  model: 'stats',
  fold,
  position: sequence,
  subject,
  type: typeOf(text),
  error,
  parkedAt: parked_at.toISOString(),
  text,
});

/** @returns null where not even that can be read */
function typeOf(text: string): string | null {
  return /"type"\s*:\s*"([A-Za-z]{1,100})"/.exec(text)?.[1] ?? null;
}
