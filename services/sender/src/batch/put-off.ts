import { backOffMs } from './back-off.ts';
import type { Batch } from './batch.ts';
import type { BatchTools } from './batch-tools.ts';

/** Changes of a mailing are to be met soon: nothing is put off for longer, milliseconds. */
const LONGEST_MS = 60_000;

/**
 * How long a batch whose messages did not all end is given back for, milliseconds: by the back-off of the message that
 * was tried least, until the first window opens, and never past the mailing's end.
 */
export function putOffMs(tools: BatchTools, batch: Batch, now: number): number {
  const open = tools.mailings.get(batch.mailingId);
  if (open === undefined) return LONGEST_MS;
  const untilOpening = untilFirstOpening(tools, batch, now);
  const attempts = leastAttempts(batch);
  if (attempts === null && untilOpening !== null) {
    tools.parked.park(batch.mailingId, batch.number, open.mailing.version, now, untilOpening);
  }
  const delays = [LONGEST_MS, open.endAtMs - now];
  if (untilOpening !== null) delays.push(untilOpening);
  if (attempts !== null) delays.push(backOffMs(attempts, tools.random()));
  return Math.max(0, Math.min(...delays));
}

/** Attempts of the message that was tried least among those that are not waiting for a window; `null` without any. */
function leastAttempts(batch: Batch): number | null {
  const waiting = new Set(batch.passedOver.map(({ message }) => message));
  const attempts = batch.messages
    .filter((message) => !message.ended && !waiting.has(message))
    .map((message) => message.attempts);
  return attempts.length === 0 ? null : Math.min(...attempts);
}

function untilFirstOpening(tools: BatchTools, batch: Batch, now: number): number | null {
  const window = tools.mailings.get(batch.mailingId)?.mailing.localWindow ?? null;
  const zones = new Set(batch.passedOver.map(({ recipient }) => recipient.timezone));
  if (window === null || zones.size === 0) return null;
  return Math.min(...[...zones].map((zone) => tools.windows.untilOpening(window, zone, now)));
}
