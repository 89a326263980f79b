import type { Standing } from '../mailings/standing.ts';
import type { Admission } from '../provider/gate.ts';

/** What the claiming looks at: how much is in hand, how much is asked for. */
export interface Load {
  readonly slots: number;
  readonly admission: Admission;
  /** Batches in hand, of all mailings without a limit of their own, that still hold messages whose turn has not come. */
  readonly batchesWaiting: number;
  /** Requests that are so young that a batch may be on its way for them. */
  readonly freshRequests: number;
}

/** What one mailing's claiming looks at. */
export interface MailingLoad {
  readonly standing: Standing | undefined;
  /** Messages in hand whose turn has not come. */
  readonly unstarted: number;
  /** Batches in hand. */
  readonly inHand: number;
  /** Those of them that still hold messages whose turn has not come. */
  readonly batchesWaiting: number;
  /** Deliveries that may still come for requests that stand. */
  readonly outstanding: number;
  /** Calls a second that it may make over all senders; `null` is no limit. */
  readonly rateLimit: number | null;
  /** With fewer messages than this in hand it gets its next batch ({@link aheadOf}). */
  readonly ahead: number;
  /** How many messages each of its latest batches held, up to {@link LATEST}. */
  readonly latestSizes: readonly number[];
}

/** What the next batches of a mailing will hold is judged by so many that came last. */
export const LATEST = 16;

/**
 * A batch in hand should get this many slots to itself, at least. So 64 slots hold 16 batches: enough for many
 * mailings to go forward at once where the provider is slow (250 messages in turn would keep the next mailing waiting
 * for 20 s at 5 s a call), few enough that other senders find work.
 */
const SLOTS_PER_BATCH = 4;
/** Batches of an expired or deleted mailing that are ended at once: each costs a handful of small requests. */
const ENDING_AT_ONCE = 16;

/**
 * Batches of mailings with a limit of their own, all together: each of them is kept for long, renewed every ten seconds,
 * and needs hardly a slot. Where there are more such mailings than this they take turns (docs/adr/0017).
 */
const MOST_SLOW_BATCHES = 128;

/**
 * How much of the room is taken: by batches that wait in hand, and by those of mailings with a limit of their own, in
 * hand or asked for. Only mailings that send take any: what one that is over has in hand or asked for needs no slot.
 */
export function roomTaken(mailings: Iterable<MailingLoad>): { batchesWaiting: number; slowBatches: number } {
  const taken = { batchesWaiting: 0, slowBatches: 0 };
  for (const { standing, rateLimit, batchesWaiting, inHand, outstanding } of mailings) {
    if (standing !== 'send') continue;
    if (rateLimit === null) taken.batchesWaiting += batchesWaiting;
    else taken.slowBatches += inHand + outstanding;
  }
  return taken;
}

/** True while another batch may be asked for on behalf of a mailing with a limit of its own. */
export const hasRoomForSlow = (batchesInHandOrAskedFor: number): boolean =>
  batchesInHandOrAskedFor < MOST_SLOW_BATCHES;

/** True while another batch may be asked for on behalf of any mailing that sends. */
export function hasRoom(load: Load): boolean {
  if (load.admission === 0) return false;
  // While few calls may be in flight (one that tries, then a few more with each step) few batches feed them.
  const places = Math.min(load.slots, load.admission);
  const batches = load.batchesWaiting + load.freshRequests;
  return batches < Math.max(1, Math.floor(places / SLOTS_PER_BATCH));
}

/**
 * A batch takes so long (milliseconds) from being asked for until its first call: it is delivered, claimed, looked up, and
 * its recipients are resolved.
 */
const LEAD_MS = 50;
/** However quick a mailing is, it gets no further batch while so many messages for each slot wait: others may send them. */
const MOST_AHEAD = 4;

/**
 * With how many messages in hand a mailing gets its next batch, so that it does not run dry before that can be called for.
 *
 * @param perMs how many of its messages began in a millisecond lately
 */
export const aheadOf = (perMs: number, slots: number): number =>
  Math.ceil(Math.max(slots / 4, Math.min(perMs * LEAD_MS, slots * MOST_AHEAD)));

/**
 * How many deliveries of a mailing may be under way now. One that sends gets its next batch when fewer messages than
 * `ahead` wait in hand, or fewer than its limit lets it call for in a second. Where batches are small (a mailing of many
 * time zones) it gets several at once, as long as all of them hold no more than the slots and those ahead.
 */
export function wantedOf(mailing: MailingLoad, slots: number): number {
  switch (mailing.standing) {
    case 'send':
      if (mailing.rateLimit !== null) {
        return mailing.unstarted < Math.ceil(Math.min(mailing.ahead, mailing.rateLimit)) ? 1 : 0;
      }
      return wantedBySize(mailing, slots);
    case 'expire':
    case 'cancel':
      return Math.max(0, ENDING_AT_ONCE - mailing.inHand);
    case 'wait':
    case undefined:
      return 0;
    default:
      return mailing.standing satisfies never;
  }
}

/** By the largest of the latest batches; and never more than were seen of them, since the next ones may be larger. */
function wantedBySize({ unstarted, ahead, latestSizes }: MailingLoad, slots: number): number {
  const largest = latestSizes.length === 0 ? slots : Math.max(...latestSizes);
  const fitting = Math.ceil((ahead + Math.max(slots, largest) - unstarted) / largest) - 1;
  return Math.max(0, Math.min(fitting, Math.max(1, latestSizes.length)));
}
