import { findDisagreements } from '../../../../infra/demo/verdict.ts';
import type { Bench } from '../bench.ts';
import type { Measured } from '../measure/measured.ts';
import { perSecond } from '../measure/measured.ts';
import { order, untilEnded } from './mailing.ts';
import type { System } from './system.ts';
import { whileDoing } from './watch-usage.ts';

let mailings = 0;

/** A text that no other mailing of this run has. */
export function newText(): string {
  mailings += 1;
  return `Hello from the benchmark, mailing ${mailings}`;
}

/**
 * Delivers one message to every client of a tag: from `POST /mailings` until the statistics show all of them sent.
 * @throws when any message was lost, sent twice or ended in another way
 */
export async function deliver(bench: Bench, system: System, tag: string): Promise<Measured> {
  const messages = system.audiences.get(tag) ?? 0;
  const api = await system.api(bench.signal);
  await system.forgetJournal();
  const { result, usage } = await whileDoing(system, async () => {
    const begin = performance.now();
    const id = await order(api, { text: newText(), tag });
    const stats = await untilEnded(bench, api, id);
    return { stats, tookMs: performance.now() - begin, shownAt: Date.now() };
  });
  const { stats, tookMs, shownAt } = result;
  const disagreements = findDisagreements(messages, stats, await system.provider());
  if (disagreements.length > 0) throw new Error(`${disagreements.join('; ')}.`);
  return {
    value: perSecond(messages, tookMs),
    unit: 'messages/s',
    per: { thing: 'message', count: messages },
    usage,
    details: { seconds: tookMs / 1_000, shownAfterMs: shownAt - Date.parse(stats.lastSentAt ?? '') },
  };
}
