import type { LocalWindow } from '@herald/contracts';
import { backOffMs, unwantedMs } from '../back-off.ts';
import type { Message, Sending, View, Waiting } from './batch-state.ts';
import { isolated } from './isolation.ts';
import type { Deferral } from './parked-batches.ts';
import { lookAgainMs } from './undecided.ts';

/** Changes of a mailing are to be applied soon: nothing is put off for longer, milliseconds. */
const LONGEST_MS = 60_000;

/** It is wanted, by another sender or another time: nothing speaks against delivering it at once. */
export const atOnce: Deferral = { delayMs: 0, closed: null };
/** A batch that could not be worked on is tried again, but not in a hurry. */
export const troubled = (random: number): Deferral => ({ delayMs: 5_000 + random * 10_000, closed: null });
/** What the log says of a batch cannot be read: a newer release may be able to. */
export const unreadable = ({ random }: View): Deferral => ({
  delayMs: 30_000 + random * 30_000,
  closed: null,
});
/** Nobody wants it now: the mailing is paused, or its end is near. */
export const unwanted = ({ random }: View): Deferral => ({ delayMs: unwantedMs(random), closed: null });

/** Until the window opens that this batch is known to wait for; `null` where nothing is known. */
export function remembered(view: View): Deferral | null {
  const { open, standing, now } = view;
  const window = open?.mailing.localWindow ?? null;
  if (open === undefined || standing !== 'send' || window === null) return null;
  const opensInMs = view.closedForMs(window);
  if (opensInMs === 0) return null;
  return { delayMs: within(open.endAtMs - now, opensInMs), closed: { window, opensInMs } };
}

/** For how long a batch is given back, and what broke when that was worked out; `null` where nothing did. */
export interface Remainder {
  readonly deferral: Deferral;
  readonly broke: string | null;
}

/**
 * How long a batch whose messages did not all end is given back for: by the back-off of the message that was tried
 * least, until the first window opens, and never past the mailing's end.
 */
export function whatRemains(state: Sending | Waiting, view: View): Remainder {
  const { open, now } = view;
  if (open === undefined) return { deferral: { delayMs: LONGEST_MS, closed: null }, broke: null };
  const window = open.mailing.localWindow;
  const { opensInMs, broke } =
    window === null ? { opensInMs: null, broke: null } : untilFirstOpening(state, view, window);
  const attempts = least(state, ({ looks, attempts }) => (looks === 0 ? attempts : null));
  const looks = least(state, ({ looks }) => (looks === 0 ? null : looks));
  const delays = [open.endAtMs - now];
  if (opensInMs !== null) delays.push(opensInMs);
  if (attempts !== null) delays.push(backOffMs(attempts, view.random));
  if (looks !== null) delays.push(lookAgainMs(looks));
  const onlyCloses =
    window !== null && opensInMs !== null && attempts === null && looks === null && broke === null;
  return {
    deferral: { delayMs: within(...delays), closed: onlyCloses ? { window, opensInMs } : null },
    broke,
  };
}

const within = (...delays: number[]): number => Math.max(0, Math.min(LONGEST_MS, ...delays));

/** The least of what is counted of the messages that do not wait for a window; `null` without any. */
function least(
  { messages, passedOver }: Sending | Waiting,
  count: (message: Message) => number | null,
): number | null {
  const counts = messages
    .filter((message, place) => !message.ended && !passedOver.includes(place))
    .map(count)
    .filter((found) => found !== null);
  return counts.length === 0 ? null : Math.min(...counts);
}

/** Until the first window opens of those that were closed; a zone for which nobody can tell holds up no other. */
function untilFirstOpening(
  { messages, passedOver }: Sending | Waiting,
  view: View,
  window: LocalWindow,
): { readonly opensInMs: number | null; readonly broke: string | null } {
  const zones = new Set(passedOver.flatMap((place) => messages[place]?.recipient?.timezone ?? []));
  const openings = [...zones].map((zone) => isolated(() => view.untilOpening(window, zone)));
  const known = openings.filter((opening) => opening.ok).map((opening) => opening.value);
  const broken = openings.find((opening) => !opening.ok);
  return { opensInMs: known.length === 0 ? null : Math.min(...known), broke: broken?.reason ?? null };
}
