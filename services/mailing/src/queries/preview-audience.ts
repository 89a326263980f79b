import type { previewQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { audienceCondition } from '../plan/audience-condition.ts';
import { currentPosition } from './current-position.ts';

/** How many clients a filter addresses now, by time zone. */
export async function previewAudience(
  { database }: Dependencies,
  { filter }: z.infer<typeof previewQuery.request>,
): Promise<z.infer<typeof previewQuery.reply>> {
  const { asOf } = await currentPosition(database);
  const { rows } = await sql<{ timezone: string; clients: number }>`
    select timezone, count(*)::int as clients from client where ${audienceCondition(filter)}
    group by timezone order by timezone`.execute(database);
  const byTimezone = Object.fromEntries(rows.map((row) => [row.timezone, row.clients]));
  return { clients: rows.reduce((sum, row) => sum + row.clients, 0), byTimezone, asOf };
}
