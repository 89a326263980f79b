import { findDisagreements } from '../../../../infra/demo/verdict.ts';
import type { Bench } from '../bench.ts';
import type { Measured } from '../measure/measured.ts';
import { perSecond } from '../measure/measured.ts';
import { percentile } from '../measure/statistics.ts';
import { hasEnded, order, type Shown, untilStatistics } from './mailing.ts';
import type { System } from './system.ts';
import { whileDoing } from './watch-usage.ts';

let mailings = 0;

/** A text that no other mailing of this run has. */
export function newText(): string {
  mailings += 1;
  return `Hello from the benchmark, mailing ${mailings}`;
}

export type Delivery = {
  readonly delivered: Measured;
  /** How old the last event was that the statistics had folded, at each look while they showed messages queued, ms. */
  readonly behindMs: readonly number[];
};

/**
 * Whether something is queued, by the statistics: events come without a break from then on. Whether something is sent would
 * leave out the time in which they do not yet show it.
 */
const isUnderWay = ({ counts }: Shown): boolean => counts.queued > 0;

/**
 * Delivers one message to every client of a tag: from `POST /mailings` until the statistics show all of them sent.
 * @throws when any message was lost, sent twice or ended in another way
 */
export async function deliver(bench: Bench, system: System, tag: string): Promise<Delivery> {
  const messages = system.audiences.get(tag) ?? 0;
  const api = await system.api(bench.signal);
  await system.forgetJournal();
  const behindMs: number[] = [];
  // The looks that are made anyway: what is asked more often would change what is measured.
  const look = (stats: Shown): boolean => {
    if (isUnderWay(stats)) behindMs.push(Date.now() - Date.parse(stats.asOf));
    return hasEnded(stats);
  };
  const { result, usage } = await whileDoing(system, async () => {
    const begin = performance.now();
    const orderedAt = Date.now();
    const id = await order(api, { text: newText(), tag });
    const stats = await untilStatistics(bench, api, id, 'messages ended', look);
    return { stats, tookMs: performance.now() - begin, orderedAt, shownAt: Date.now() };
  });
  const { stats, tookMs, orderedAt, shownAt } = result;
  const provider = await system.provider();
  const disagreements = findDisagreements(messages, stats, provider);
  if (disagreements.length > 0) throw new Error(`${disagreements.join('; ')}.`);
  const details = {
    seconds: tookMs / 1_000,
    firstCallMs: (provider.firstAt ?? 0) - orderedAt,
    shownAfterMs: shownAt - Date.parse(stats.lastSentAt ?? ''),
    ...(behindMs.length === 0 ? {} : { behindP99Ms: percentile(behindMs, 99) }),
  };
  const value = perSecond(messages, tookMs);
  const per = { thing: 'message', count: messages };
  return { delivered: { value, unit: 'messages/s', per, usage, details }, behindMs };
}
