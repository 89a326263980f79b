import type { Lane } from '../delivery/lane.ts';
import type { OpenMailings } from '../mailings/open-mailings.ts';
import type { Admission } from '../provider/gate.ts';
import { hasRoom, hasRoomForSlow, type MailingLoad, roomTaken, wantedOf } from './claim-policy.ts';
import { Ring } from './ring.ts';

export interface ClaimerOptions {
  readonly slots: number;
  readonly mailings: OpenMailings;
  readonly admission: () => Admission;
  /** False when nothing at all is to be claimed, not even what only has to be ended. */
  readonly mayClaim: () => boolean;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
}

/** A request that brought nothing for so long (milliseconds) stands before an empty queue: it holds no room. */
const FRESH_MS = 200;

/** Asks the mailings for batches in turn, as much as the hands can take (claim-policy.ts). */
export class Claimer {
  readonly #options: ClaimerOptions;
  readonly #ring: Ring<Lane>;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ClaimerOptions) {
    this.#options = options;
    this.#ring = new Ring((lane) => options.mailings.priority(lane.mailingId));
  }

  add(lane: Lane): void {
    this.#ring.add(lane);
  }

  remove(lane: Lane): void {
    this.#ring.remove(lane);
  }

  /** Asks whoever may be asked now. To be called whenever hands, mailings or the provider's gate have changed. */
  turn(): void {
    const { slots, mayClaim } = this.#options;
    if (!mayClaim()) {
      for (const lane of this.#ring) lane.source.want(0);
      return;
    }
    const admission = this.#options.admission();
    const now = this.#options.now();
    const loads = [...this.#ring].map((lane) => ({ lane, load: this.#loadOf(lane, now) }));
    // A slow mailing keeps its batch for long and needs hardly a slot: it takes nobody else's room.
    const { batchesWaiting, ...taken } = roomTaken(loads.map(({ load }) => load));
    let { slowBatches } = taken;
    let freshRequests = this.#lookAtRequests(loads, admission);
    const wanted = new Map<Lane, number>();
    const askedFor = (lane: Lane): number => wanted.get(lane) ?? lane.source.outstanding;
    while (hasRoom({ slots, admission, batchesWaiting, freshRequests })) {
      const lane = this.#ring.take((candidate) =>
        this.#isHungry(candidate, askedFor(candidate), now, slowBatches),
      );
      if (lane === undefined) break;
      wanted.set(lane, askedFor(lane) + 1);
      if (this.#isSlow(lane)) slowBatches += 1;
      freshRequests += 1;
    }
    for (const [lane, count] of wanted) lane.source.want(count);
    if (freshRequests > 0) this.#turnLater();
  }

  /**
   * Asks for what has to be ended, and lets go of what cannot be called for.
   *
   * @returns how many deliveries are just coming for mailings that send
   */
  #lookAtRequests(loads: ReadonlyArray<{ lane: Lane; load: MailingLoad }>, admission: Admission): number {
    let fresh = 0;
    for (const { lane, load } of loads) {
      if (load.standing !== 'send') lane.source.want(wantedOf(load, this.#options.slots));
      else {
        if (lane.source.askedMsAgo < FRESH_MS) fresh += load.outstanding;
        // Requests that stand are not renewed while nothing may be called for.
        if (admission === 0) lane.source.want(0);
      }
    }
    return fresh;
  }

  /** Asks for nothing more; resolves when what had already come is given back, half a second later at most. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.#ring].map((lane) => lane.source.close()));
  }

  #isSlow = ({ mailingId }: Lane): boolean =>
    (this.#options.mailings.get(mailingId)?.mailing.rateLimit ?? null) !== null;

  #isHungry(lane: Lane, askedFor: number, now: number, slowBatches: number): boolean {
    if (!lane.source.isOpen) return false;
    if (this.#isSlow(lane) && !hasRoomForSlow(slowBatches)) return false;
    const load = this.#loadOf(lane, now);
    return load.standing === 'send' && wantedOf(load, this.#options.slots) > askedFor;
  }

  #loadOf(lane: Lane, now: number): MailingLoad {
    return {
      standing: this.#options.mailings.standing(lane.mailingId, now),
      unstarted: lane.unstarted,
      inHand: lane.batches.size,
      batchesWaiting: lane.batchesWaiting,
      latestSizes: lane.latestSizes,
      outstanding: lane.source.outstanding,
      rateLimit: this.#options.mailings.get(lane.mailingId)?.mailing.rateLimit ?? null,
    };
  }

  /** Requests of this turn may have come to an empty queue: then their room is somebody else's. */
  #turnLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.turn();
    }, FRESH_MS);
  }
}
