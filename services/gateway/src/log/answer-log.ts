import { type LogScope, positionsQuery } from '@herald/contracts';
import type { GatewayDependencies } from '../http/context.ts';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import { collectPage } from '../reading/collect-page.ts';
import { askService } from '../reading/reach-broker.ts';
import { encodeCursor } from '../schemas/cursor.ts';
import { listOf } from '../schemas/lists.ts';
import { limitOf } from '../schemas/parameters.ts';
import { logEntry } from './log-entry.ts';
import { readEntries } from './read-entries.ts';

export const logEntryList = listOf(logEntry).openapi('LogEntryList');

/** Which entries: those behind a position, or the last ones. */
export interface LogPage {
  readonly limit?: number | undefined;
  readonly after?: number | undefined;
  readonly last?: number | undefined;
}

/**
 * Answers events of the log, the oldest first: where they stand is asked of the statistics, and what stands there of the log.
 * A page may hold fewer than were asked for, where they are large.
 */
export async function answerLog(
  dependencies: GatewayDependencies,
  scope: LogScope,
  page: LogPage,
): Promise<Response> {
  const giveBack = dependencies.logPages.take(1);
  if (giveBack === undefined) {
    throw new ProblemError(makeProblem('overloaded', 'Too many pages of the log are being read now.'));
  }
  try {
    return page.last === undefined
      ? await answerOldest(dependencies, scope, page)
      : await answerNewest(dependencies, scope, page.last);
  } finally {
    giveBack();
  }
}

async function answerOldest(
  dependencies: GatewayDependencies,
  scope: LogScope,
  page: LogPage,
): Promise<Response> {
  const { items, next, first } = await collectPage(limitOf(page), page.after ?? null, (limit, after) =>
    askService(dependencies, positionsQuery, { scope, from: 'oldest', limit, after }),
  );
  const { entries, isCut } = await readEntries(dependencies.broker, items);
  const nextCursor = isCut ? (entries.at(-1)?.position ?? null) : next;
  return Response.json({ items: entries, nextCursor: encodeCursor(nextCursor), asOf: first.asOf });
}

/** Where not all fit, the newest do. */
async function answerNewest(
  dependencies: GatewayDependencies,
  scope: LogScope,
  last: number,
): Promise<Response> {
  const { items, asOf } = await askService(dependencies, positionsQuery, {
    scope,
    from: 'newest',
    limit: last,
    after: null,
  });
  const { entries } = await readEntries(dependencies.broker, items.toReversed());
  return Response.json({ items: entries.toReversed(), nextCursor: null, asOf });
}
