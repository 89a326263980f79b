import type { positionsQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../../dependencies.ts';
import { passedByEachLane, readCheckpoints } from '../../fold/passed-by-all-lanes.ts';
import { inServed } from '../../generations/in-served.ts';
import { readAsOf } from '../as-of.ts';
import { readPositions } from './read-positions.ts';

type Request = z.infer<typeof positionsQuery.request>;

/** Where in the log something stands, page by page. */
export async function listPositions(
  dependencies: Dependencies,
  { scope, from, limit, after }: Request,
): Promise<z.infer<typeof positionsQuery.reply>> {
  const until = await horizon(dependencies, scope);
  return inServed(dependencies.database, async (transaction) => {
    const most = from === 'oldest' ? limit + 1 : limit;
    const found = await readPositions(transaction, { scope, from, after: after ?? 0, until, limit: most });
    const items = found.slice(0, limit);
    const next = found.length > limit ? (items.at(-1) ?? null) : null;
    return { items, next, asOf: await readAsOf(transaction) };
  });
}

/**
 * Up to where positions are answered: who goes on behind the last one of a page must not miss what a slower lane adds before
 * it. An entity stands in one lane, which adds in order.
 */
async function horizon({ database, runtime }: Dependencies, scope: Request['scope']): Promise<number> {
  if (scope.kind === 'client' || (scope.kind === 'mailing' && !scope.withMessages)) return LAST;
  const { lanes, checkpoints } = await inServed(database, async (transaction) => {
    const { rows } = await sql<{ lanes: number }>`select lanes from layout`.execute(transaction);
    return { lanes: rows[0]?.lanes ?? 1, checkpoints: await readCheckpoints(transaction) };
  });
  if (lanes === 1) return LAST;
  return Math.min(LAST, ...(await passedByEachLane(checkpoints, runtime, lanes)));
}

/** No position is beyond it. */
const LAST = Number.MAX_SAFE_INTEGER;
