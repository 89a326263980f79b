import type { OpenMailings } from '../mailings/open-mailings.ts';
import type { Admission } from '../provider/gate.ts';
import type { SteadyClock } from '../steady-clock.ts';
import { hasRoom, hasRoomForSlow, type MailingLoad, roomTaken, wantedOf } from './intake-policy.ts';
import type { MailingQueue } from './mailing-queue.ts';
import { Ring } from './ring.ts';

export interface IntakeOptions {
  readonly slots: number;
  readonly mailings: OpenMailings;
  readonly admission: () => Admission;
  /** False when nothing at all is to be claimed, not even what only has to be ended. */
  readonly mayClaim: () => boolean;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly clock: SteadyClock;
}

/** A request that brought nothing for so long (milliseconds) stands before an empty queue: it holds no room. */
const FRESH_MS = 200;

/** Asks the mailings for batches in turn, as many as may be held (intake-policy.ts). */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #ring: Ring<MailingQueue>;
  #stopTimer: (() => void) | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#ring = new Ring((queue) => options.mailings.priority(queue.mailingId));
  }

  add(queue: MailingQueue): void {
    this.#ring.add(queue);
  }

  remove(queue: MailingQueue): void {
    this.#ring.remove(queue);
  }

  /** Asks whoever may be asked now. To be called whenever what is held, mailings or the provider's gate have changed. */
  turn(): void {
    const { slots, mayClaim } = this.#options;
    if (!mayClaim()) {
      for (const queue of this.#ring) queue.source.want(0);
      return;
    }
    const admission = this.#options.admission();
    const now = this.#options.now();
    const loads = [...this.#ring].map((queue) => ({ queue, load: this.#loadOf(queue, now) }));
    // A slow mailing keeps its batch for long and needs hardly a slot: it takes nobody else's room.
    const { batchesWaiting, ...taken } = roomTaken(loads.map(({ load }) => load));
    let { slowBatches } = taken;
    let freshRequests = this.#lookAtRequests(loads, admission);
    const wanted = new Map<MailingQueue, number>();
    const askedFor = (queue: MailingQueue): number => wanted.get(queue) ?? queue.source.outstanding;
    while (hasRoom({ slots, admission, batchesWaiting, freshRequests })) {
      const queue = this.#ring.take((candidate) =>
        this.#isHungry(candidate, askedFor(candidate), now, slowBatches),
      );
      if (queue === undefined) break;
      wanted.set(queue, askedFor(queue) + 1);
      if (this.#isSlow(queue)) slowBatches += 1;
      freshRequests += 1;
    }
    for (const [queue, count] of wanted) queue.source.want(count);
    if (freshRequests > 0) this.#turnLater();
  }

  /**
   * Asks for what has to be ended, and lets go of what cannot be called for.
   *
   * @returns how many deliveries are just coming for mailings that send
   */
  #lookAtRequests(
    loads: ReadonlyArray<{ queue: MailingQueue; load: MailingLoad }>,
    admission: Admission,
  ): number {
    let fresh = 0;
    for (const { queue, load } of loads) {
      if (load.standing !== 'send') queue.source.want(wantedOf(load, this.#options.slots));
      else {
        if (queue.source.askedMsAgo < FRESH_MS) fresh += load.outstanding;
        // Requests that stand are not renewed while nothing may be called for.
        if (admission === 0) queue.source.want(0);
      }
    }
    return fresh;
  }

  /** Asks for nothing more; resolves when what had already come is given back, half a second later at most. */
  async close(): Promise<void> {
    this.#stopTimer?.();
    await Promise.all([...this.#ring].map((queue) => queue.source.close()));
  }

  #isSlow = ({ mailingId }: MailingQueue): boolean =>
    (this.#options.mailings.get(mailingId)?.mailing.rateLimit ?? null) !== null;

  #isHungry(queue: MailingQueue, askedFor: number, now: number, slowBatches: number): boolean {
    if (!queue.source.isOpen) return false;
    if (this.#isSlow(queue) && !hasRoomForSlow(slowBatches)) return false;
    const load = this.#loadOf(queue, now);
    return load.standing === 'send' && wantedOf(load, this.#options.slots) > askedFor;
  }

  #loadOf(queue: MailingQueue, now: number): MailingLoad {
    return {
      standing: this.#options.mailings.standing(queue.mailingId, now),
      unstarted: queue.unstarted,
      inHand: queue.batches.size,
      batchesWaiting: queue.batchesWaiting,
      ahead: queue.ahead,
      latestSizes: queue.latestSizes,
      outstanding: queue.source.outstanding,
      rateLimit: this.#options.mailings.get(queue.mailingId)?.mailing.rateLimit ?? null,
    };
  }

  /** Requests of this turn may have come to an empty queue: then their room is somebody else's. */
  #turnLater(): void {
    this.#stopTimer ??= this.#options.clock.after(FRESH_MS, () => {
      this.#stopTimer = undefined;
      this.turn();
    });
  }
}
