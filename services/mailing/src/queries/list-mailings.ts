import { mailing, type mailingsQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { currentPosition } from './current-position.ts';
import { cutPage } from './page.ts';
import { readable } from './readable.ts';

/** The mailings, newest first; deleted ones are left out. */
export async function listMailings(
  { database, runtime }: Dependencies,
  { status, limit, after }: z.infer<typeof mailingsQuery.request>,
): Promise<z.infer<typeof mailingsQuery.reply>> {
  const { asOf } = await currentPosition(database);
  let query = database
    .selectFrom('mailing')
    .select(['id', 'created_at', 'state'])
    .where('status', '<>', 'deleted')
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (status !== undefined) query = query.where('status', '=', status);
  if (after !== null) {
    query = query.where(
      sql<boolean>`(created_at, id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`,
    );
  }
  const { items, next } = cutPage(await query.execute(), limit, (row) => ({
    createdAt: row.created_at.toISOString(),
    id: row.id,
  }));
  const states = items.map((row) => row.state);
  return { items: readable(runtime.log, mailing, states), next, asOf };
}
