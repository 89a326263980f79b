import type { Work } from '@herald/event-log';

export interface LeaseOptions {
  /** How often it is renewed, milliseconds. */
  readonly renewEveryMs: number;
  /** So long after the last confirmed renewal it counts as lost; well below the consumer's ack wait. */
  readonly lostAfterMs: number;
}

/**
 * The right to work on a batch, by our own clock: a delivery that the server may meanwhile have given to somebody
 * else must not be called for. Only an answered renewal proves the connection, so only that moves the clock.
 */
export class Lease {
  readonly #work: Work;
  readonly #options: LeaseOptions;
  readonly #onLost: () => void;
  #confirmedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #state: 'held' | 'lost' | 'released' = 'held';

  constructor(work: Work, options: LeaseOptions, onLost: () => void) {
    this.#work = work;
    this.#options = options;
    this.#onLost = onLost;
    this.#renewIn(options.renewEveryMs);
  }

  /** Asked before every call: a process that slept finds out here, before any timer has fired. */
  get isHeld(): boolean {
    return this.#state === 'held' && performance.now() - this.#confirmedAt < this.#options.lostAfterMs;
  }

  lose(): void {
    if (this.#state !== 'held') return;
    this.#state = 'lost';
    clearTimeout(this.#timer);
    this.#onLost();
  }

  /** The batch was given back or is done. */
  release(): void {
    if (this.#state === 'held') this.#state = 'released';
    clearTimeout(this.#timer);
  }

  #renewIn(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#renew(), milliseconds);
  }

  async #renew(): Promise<void> {
    if (!this.isHeld) return this.lose();
    const { renewEveryMs } = this.#options;
    const askedAt = performance.now();
    try {
      await this.#work.renew(renewEveryMs / 2);
      this.#confirmedAt = askedAt;
    } catch {
      // No answer in time: asked again soon, and lost when it stays that way. Both are told to whoever holds it.
    }
    if (this.#state !== 'held') return;
    const left = this.#options.lostAfterMs - (performance.now() - this.#confirmedAt);
    const pause = this.#confirmedAt === askedAt ? renewEveryMs : renewEveryMs / 10;
    this.#renewIn(Math.max(0, Math.min(pause, left)));
  }
}
