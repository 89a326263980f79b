import type { Bench } from '../bench.ts';
import { deliver, newText } from '../system/deliver.ts';
import { expectSettled } from '../system/expect-settled.ts';
import { hasEnded, order, untilStatistics } from '../system/mailing.ts';
import type { System } from '../system/system.ts';
import { AT_ONCE } from './delivery.ts';

/** Of what the system can send at full speed. */
const SHARE_OF_FULL_SPEED = 0.8;

/**
 * Does something while mailings run, one behind another, at 80 % of full speed, which the provider's latency bounds. The
 * one that runs at the end is deleted.
 * @throws when a message of any of them was lost or sent twice
 */
export async function duringMailing<Result>(
  bench: Bench,
  system: System,
  tag: string,
  work: () => Promise<Result>,
): Promise<Result> {
  system.fullSpeed ??= (await deliver(bench, system, tag)).delivered.value;
  await system.behave({ latencyMs: (1_000 * AT_ONCE) / (SHARE_OF_FULL_SPEED * system.fullSpeed) });
  const running = Promise.withResolvers<void>();
  let isOver = false;
  const sending = keepSending(bench, system, tag, running.resolve, () => isOver);
  // Awaited below; until then nobody looks at it.
  sending.catch(() => {});
  try {
    await Promise.race([running.promise, sending]);
    return await work();
  } finally {
    isOver = true;
    await sending;
    await system.behave();
  }
}

async function keepSending(
  bench: Bench,
  system: System,
  tag: string,
  onRunning: () => void,
  isOver: () => boolean,
): Promise<void> {
  const api = await system.api(bench.signal);
  while (!isOver()) {
    await system.forgetJournal();
    const id = await order(api, { text: newText(), tag });
    await untilStatistics(bench, api, id, 'messages sent beside', (stats) => {
      if (stats.counts.sent > 0) onRunning();
      return isOver() || hasEnded(stats);
    });
    if (isOver()) await system.removeMailing(id);
    await expectSettled(bench, system, id);
  }
}
