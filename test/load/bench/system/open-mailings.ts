import type { Bench } from '../bench.ts';
import { closedWindow } from './closed-window.ts';
import { newText } from './deliver.ts';
import { ensureAudience } from './import-audience.ts';
import { order, type Shown, untilStatistics } from './mailing.ts';
import type { System } from './system.ts';

/** A batch in each of the time zones. */
const CLIENTS = 250;
const TAG = 'open';

const isOpen = ({ status, audienceResolved, planned, counts }: Shown): boolean =>
  status === 'running' && audienceResolved && planned === CLIENTS && counts.queued === CLIENTS;

/**
 * Starts mailings that stay open: all of it is planned and queued and in the hands of the senders, and the window in which
 * it may be sent opens when the benchmark is over.
 * @returns their ids
 */
export async function openMailings(bench: Bench, system: System, count: number): Promise<readonly string[]> {
  await ensureAudience(bench, system, TAG, CLIENTS);
  bench.say(`Starting ${count} mailings that stay open…`);
  const api = await system.api(bench.signal);
  const localWindow = closedWindow(new Date());
  const ids: string[] = [];
  for (let made = 0; made < count; made++) {
    ids.push(await order(api, { text: newText(), tag: TAG, localWindow }));
  }
  await expectAllOpen(bench, system, ids);
  return ids;
}

/** Waits until all of them are running with every message queued. @throws when one never is, or is not any more */
export async function expectAllOpen(bench: Bench, system: System, ids: readonly string[]): Promise<void> {
  const api = await system.api(bench.signal);
  for (const id of ids) {
    await untilStatistics(bench, api, id, 'messages of an open mailing queued', (stats) => {
      const { sent, queued, ...ended } = stats.counts;
      const gone = Object.values(ended).reduce((sum, each) => sum + each, sent);
      if (gone > 0) throw new Error(`Of a mailing that stays open ${gone} messages have ended.`);
      return isOpen(stats);
    });
  }
}
