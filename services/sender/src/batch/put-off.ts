import type { LocalWindow } from '@herald/contracts';
import { backOffMs } from './back-off.ts';
import type { Batch } from './batch.ts';
import type { BatchTools } from './batch-tools.ts';
import type { PutOff } from './parked-batches.ts';

/** Changes of a mailing are to be met soon: nothing is put off for longer, milliseconds. */
const LONGEST_MS = 60_000;

/**
 * How long a batch whose messages did not all end is given back for: by the back-off of the message that was tried
 * least, until the first window opens, and never past the mailing's end.
 */
export function putOff(tools: BatchTools, batch: Batch, now: number): PutOff {
  const open = tools.mailings.get(batch.mailingId);
  if (open === undefined) return { delayMs: LONGEST_MS, closed: null };
  const window = open.mailing.localWindow;
  const opensInMs = window === null ? null : untilFirstOpening(tools, batch, window, now);
  const attempts = leastAttempts(batch);
  const delays = [LONGEST_MS, open.endAtMs - now];
  if (opensInMs !== null) delays.push(opensInMs);
  if (attempts !== null) delays.push(backOffMs(attempts, tools.random()));
  const delayMs = Math.max(0, Math.min(...delays));
  const onlyCloses = window !== null && opensInMs !== null && attempts === null;
  return { delayMs, closed: onlyCloses ? { window, opensInMs } : null };
}

/** Attempts of the message that was tried least among those that are not waiting for a window; `null` without any. */
function leastAttempts(batch: Batch): number | null {
  const waiting = new Set(batch.passedOver.map(({ message }) => message));
  const attempts = batch.messages
    .filter((message) => !message.ended && !waiting.has(message))
    .map((message) => message.attempts);
  return attempts.length === 0 ? null : Math.min(...attempts);
}

function untilFirstOpening(tools: BatchTools, batch: Batch, window: LocalWindow, now: number): number | null {
  const zones = new Set(batch.passedOver.map(({ recipient }) => recipient.timezone));
  if (zones.size === 0) return null;
  return Math.min(...[...zones].map((zone) => tools.windows.untilOpening(window, zone, now)));
}
