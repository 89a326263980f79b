import type { LocalWindow } from '@herald/contracts';
import { backOffMs, unwantedMs } from './back-off.ts';
import type { Sending, View, Waiting } from './batch-state.ts';
import type { PutOff } from './parked-batches.ts';

/** Changes of a mailing are to be met soon: nothing is put off for longer, milliseconds. */
const LONGEST_MS = 60_000;

/** It is wanted, by another sender or another time: nothing speaks against delivering it at once. */
export const atOnce: PutOff = { delayMs: 0, closed: null };
/** A batch that could not be worked on is tried again, but not in a hurry. */
export const troubled: PutOff = { delayMs: 10_000, closed: null };
/** Nobody wants it now: the mailing is paused, or its end is near. */
export const unwanted = ({ random }: View): PutOff => ({ delayMs: unwantedMs(random), closed: null });

/** Until the window opens that this batch is known to wait for; `null` where nothing is known. */
export function remembered(view: View): PutOff | null {
  const { open, standing, now } = view;
  const window = open?.mailing.localWindow ?? null;
  if (open === undefined || standing !== 'send' || window === null) return null;
  const opensInMs = view.closedForMs(window);
  if (opensInMs === 0) return null;
  return { delayMs: within(open.endAtMs - now, opensInMs), closed: { window, opensInMs } };
}

/**
 * How long a batch whose messages did not all end is given back for: by the back-off of the message that was tried
 * least, until the first window opens, and never past the mailing's end.
 */
export function whatRemains(state: Sending | Waiting, view: View): PutOff {
  const { open, now } = view;
  if (open === undefined) return { delayMs: LONGEST_MS, closed: null };
  const window = open.mailing.localWindow;
  const opensInMs = window === null ? null : untilFirstOpening(state, view, window);
  const attempts = leastAttempts(state);
  const delays = [open.endAtMs - now];
  if (opensInMs !== null) delays.push(opensInMs);
  if (attempts !== null) delays.push(backOffMs(attempts, view.random));
  const onlyCloses = window !== null && opensInMs !== null && attempts === null;
  return { delayMs: within(...delays), closed: onlyCloses ? { window, opensInMs } : null };
}

const within = (...delays: number[]): number => Math.max(0, Math.min(LONGEST_MS, ...delays));

/** Attempts of the message that was tried least among those that do not wait for a window; `null` without any. */
function leastAttempts({ messages, passedOver }: Sending | Waiting): number | null {
  const attempts = messages
    .filter((message, place) => !message.ended && !passedOver.includes(place))
    .map((message) => message.attempts);
  return attempts.length === 0 ? null : Math.min(...attempts);
}

function untilFirstOpening(
  { messages, passedOver }: Sending | Waiting,
  view: View,
  window: LocalWindow,
): number | null {
  const zones = new Set(passedOver.flatMap((place) => messages[place]?.recipient?.timezone ?? []));
  return zones.size === 0 ? null : Math.min(...[...zones].map((zone) => view.untilOpening(window, zone)));
}
