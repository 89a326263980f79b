import { type openMailingsQuery, pendingMailing, type pendingMailingsQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { currentPosition } from './current-position.ts';
import { readable } from './readable.ts';

/** How many mailings one page holds: about 60 to 130 bytes each, far below what a message may hold. */
const PAGE = 2_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * The mailings that are started and not settled. The position is read before the rows, so that whoever follows the log
 * from there misses nothing; what it then sees twice is the same.
 */
export async function listOpenMailings(
  { database }: Dependencies,
  { after }: z.infer<typeof openMailingsQuery.request>,
): Promise<z.infer<typeof openMailingsQuery.reply>> {
  const { sequence } = await currentPosition(database);
  const { rows } = await sql<{ id: string; startedSequence: number }>`
    select id, started_sequence as "startedSequence" from mailing
    where started_sequence is not null and not settled and id > ${after ?? FIRST_ID}
    order by id limit ${PAGE}`.execute(database);
  return { sequence, mailings: [...rows], next: nextPage(rows) };
}

/** The mailings whose start or end is still to come. */
export async function listPendingMailings(
  { database, runtime }: Dependencies,
  { after }: z.infer<typeof pendingMailingsQuery.request>,
): Promise<z.infer<typeof pendingMailingsQuery.reply>> {
  const { sequence } = await currentPosition(database);
  const { rows } = await sql<z.infer<typeof pendingMailing>>`
    select id, status, state->>'startAt' as "startAt", state->>'endAt' as "endAt" from mailing
    where status in ('scheduled', 'running', 'paused') and id > ${after ?? FIRST_ID}
    order by id limit ${PAGE}`.execute(database);
  return { sequence, mailings: readable(runtime.log, pendingMailing, rows), next: nextPage(rows) };
}

const nextPage = (rows: ReadonlyArray<{ readonly id: string }>): string | null =>
  rows.length < PAGE ? null : (rows.at(-1)?.id ?? null);
