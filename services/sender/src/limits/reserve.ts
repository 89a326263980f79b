import type { RateRecord } from './rate-record.ts';

/** What one sender asks of a rate. Times are those of the broker's clock, milliseconds. */
export interface Ask {
  readonly senderId: string;
  readonly now: number;
  readonly callsPerSecond: number;
  /** How many calls it can begin soon, 1 or more. */
  readonly wanted: number;
}

export type Reservation =
  /** These calls are its own, each from its moment on. Holds only if the record is replaced. */
  | {
      readonly kind: 'reserved';
      readonly due: readonly number[];
      readonly record: RateRecord;
      /** Calls that nobody reserved in time, though this sender wanted more just before. */
      readonly missed: number;
    }
  /** Nothing before `at`. `record`, if any, says that it waits. */
  | { readonly kind: 'later'; readonly at: number; readonly record: RateRecord | null };

/** What one sender may reserve at once, as long as nobody else takes part, milliseconds of the rate. */
export const CHUNK_MS = 100;
/** What is reserved at all reaches no further than this: so much is lost when every sender dies. */
export const HORIZON_MS = 150;
/** So much that nobody reserved in time may be reserved yet: one request takes a few milliseconds. */
export const CARRY_MS = 20;
/** Whoever was served last lets those who wait come first, for so long each, milliseconds. */
const COURTESY_MS = 10;
/** Who was served so lately has wanted more all the time, milliseconds. */
const LATELY_MS = 500;
/** Who has not written for so long (and three intervals) does not take part any more, milliseconds. */
const ACTIVE_MS = 1_000;
const ACTIVE_INTERVALS = 3;

/**
 * Reserves moments on the line of time that all senders share: a call every `1 / rate` seconds. What is reserved is
 * nobody else's, so however many senders there are, however often they ask and whoever dies, no more calls are due in
 * any stretch of the line than the rate allows (GCRA, ITU-T I.371, with the calls handed out in advance).
 */
export function reserve(record: RateRecord | null, ask: Ask): Reservation {
  const { now, wanted } = ask;
  const interval = 1_000 / ask.callsPerSecond;
  const senders = activeSenders(record, now, interval);
  const others = Object.keys(senders).filter((id) => id !== ask.senderId).length;
  const first = Math.max((record?.lastDue ?? Number.NEGATIVE_INFINITY) + interval, now - CARRY_MS);
  const share = Math.max(1, Math.floor(CHUNK_MS / interval / (others + 1)));
  const count = Math.min(wanted, share);
  const lastDue = first + (count - 1) * interval;
  const available = lastDue - HORIZON_MS;
  if (available > now) return waitFor(available, record, senders, ask, interval);
  const due = Array.from({ length: count }, (_, index) => first + index * interval);
  return {
    kind: 'reserved',
    due,
    missed: missedBefore(first, record, ask, interval),
    record: { lastDue, senders: { ...senders, [ask.senderId]: { seen: now, served: now } } },
  };
}

function missedBefore(first: number, record: RateRecord | null, ask: Ask, interval: number): number {
  const served = record?.senders[ask.senderId]?.served ?? 0;
  if (record === null || served < ask.now - LATELY_MS) return 0;
  return Math.max(0, (first - record.lastDue) / interval - 1);
}

type Senders = RateRecord['senders'];

const activeFor = (interval: number): number => Math.max(ACTIVE_MS, ACTIVE_INTERVALS * interval);

function activeSenders(record: RateRecord | null, now: number, interval: number): Senders {
  const since = now - activeFor(interval);
  return Object.fromEntries(Object.entries(record?.senders ?? {}).filter(([, { seen }]) => seen >= since));
}

/** Writes only where the others would not know that it waits. */
function waitFor(
  available: number,
  record: RateRecord | null,
  senders: Senders,
  { senderId, now }: Ask,
  interval: number,
): Reservation {
  const mine = senders[senderId];
  const served = mine?.served ?? 0;
  const before = Object.entries(senders).filter(([id, other]) => id !== senderId && other.served < served);
  const at = available + before.length * COURTESY_MS;
  const isKnown = mine !== undefined && mine.seen >= now - activeFor(interval) / 2;
  if (isKnown || record === null) return { kind: 'later', at, record: null };
  return {
    kind: 'later',
    at,
    record: { ...record, senders: { ...senders, [senderId]: { seen: now, served } } },
  };
}
