import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import type { RoundFigures } from '../measure/measured.ts';
import { newText } from '../system/deliver.ts';
import { expectSettled } from '../system/expect-settled.ts';
import { order, untilStatistics } from '../system/mailing.ts';
import type { System } from '../system/system.ts';
import { AT_ONCE } from './delivery.ts';
import { lateness } from './lateness.ts';

/** The provider's latency makes a mailing at least so long: it must not end before it is paused. */
const MAILING_LASTS_MS = 3_000;
const LEAST_LATENCY_MS = 50;
const QUIET_MS = 300;
/** Each is a mailing of its own, and takes a second: a quarter of the starts. */
const SHARE = 1 / 4;

/**
 * How long after the answer to a pause the last call of the mailing comes; 0 where none comes after it. Nothing is told
 * by a machine so slow that every mailing had ended before its pause.
 * @throws when a message was lost, sent twice, or sent while the mailing was paused
 */
export async function measurePauses(bench: Bench, system: System, tag: string): Promise<RoundFigures> {
  const messages = system.audiences.get(tag) ?? 1;
  const late: number[] = [];
  await system.behave({ latencyMs: Math.max(LEAST_LATENCY_MS, (MAILING_LASTS_MS * AT_ONCE) / messages) });
  try {
    for (let count = Math.ceil(bench.sizes.moments * SHARE); count > 0; count--) {
      late.push(...(await pauseOnce(bench, system, tag)));
    }
  } finally {
    await system.behave();
  }
  return late.length === 0 ? {} : { 'pause late': lateness(late) };
}

/** @returns one value, or none where the mailing had ended before */
async function pauseOnce(bench: Bench, system: System, tag: string): Promise<readonly number[]> {
  await system.forgetJournal();
  const api = await system.api(bench.signal);
  const id = await order(api, { text: newText(), tag });
  await untilStatistics(bench, api, id, 'messages sent', ({ counts }) => counts.sent > 0);
  const isPaused = await system.pause(id);
  const answeredAt = Date.now();
  const lastAt = await lastCall(bench, system);
  await system.removeMailing(id);
  await expectSettled(bench, system, id);
  if (!isPaused) return [];
  if ((await system.provider()).lastAt !== lastAt) throw new Error('A paused mailing was sent on.');
  return [Math.max(0, (lastAt ?? 0) - answeredAt)];
}

/** When the last call came, once none has come for a while. */
async function lastCall(bench: Bench, system: System): Promise<number | null> {
  let seen = await system.provider();
  for (;;) {
    await sleep(QUIET_MS, undefined, { signal: bench.signal });
    const now = await system.provider();
    if (now.requests === seen.requests && now.inFlight === 0) return now.lastAt;
    seen = now;
  }
}
