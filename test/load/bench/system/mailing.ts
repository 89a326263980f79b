import { z } from 'zod';
import { settledCount, statistics } from '../../../../infra/demo/figures.ts';
import type { RestApi } from '../../../../infra/demo/rest-api.ts';
import type { Bench } from '../bench.ts';
import { until } from './until.ts';

const DAY_MS = 86_400_000;
const created = z.object({ id: z.string() });

const shown = statistics.extend({ asOf: z.iso.datetime() });
/** What the statistics show of a mailing, and when the last event that they have folded was stored. */
export type Shown = z.infer<typeof shown>;

export type Order = {
  readonly text: string;
  readonly tag: string;
  /** Epoch milliseconds; at once where it is absent. */
  readonly startAt?: number;
  readonly localWindow?: { readonly from: string; readonly to: string };
};

/** Creates a mailing to the clients of a tag. @returns its id */
export async function order(api: RestApi, { text, tag, startAt, localWindow }: Order): Promise<string> {
  const now = Date.now();
  const content = JSON.stringify({
    text,
    startAt: new Date(startAt ?? now).toISOString(),
    endAt: new Date(now + DAY_MS).toISOString(),
    filter: { tags: [tag] },
    localWindow,
  });
  const { id } = await api.post('/mailings', { contentType: 'application/json', content }, created);
  return id;
}

/** Statistics of a mailing that was just created may not be there yet. */
async function look(api: RestApi, id: string): Promise<Shown | undefined> {
  return api.get(`/mailings/${id}/stats`, shown).catch((error: unknown) => {
    if (error instanceof Error && 'status' in error && error.status === 404) return undefined;
    throw error;
  });
}

type Condition = (stats: Shown) => boolean;

/** Waits until the statistics of a mailing are such. */
export function untilStatistics(
  bench: Bench,
  api: RestApi,
  id: string,
  what: string,
  isMet: Condition,
  count: (stats: Shown) => number = settledCount,
): Promise<Shown> {
  const see = async () => {
    const stats = await look(api, id);
    if (stats !== undefined) bench.progress(what, count(stats), stats.planned);
    return { done: stats !== undefined && isMet(stats) ? stats : undefined, state: stats };
  };
  return until(what, see, bench.signal);
}

/** Whether all that is planned has ended, one way or another. */
export function hasEnded(stats: Shown): boolean {
  const { audienceResolved, planned, counts } = stats;
  return audienceResolved && counts.queued === 0 && settledCount(stats) === planned;
}

/** Waits until it has, and answers the statistics which show it. */
export const untilEnded = (bench: Bench, api: RestApi, id: string): Promise<Shown> =>
  untilStatistics(bench, api, id, 'messages ended', hasEnded);
