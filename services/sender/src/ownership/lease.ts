import type { Work } from '@herald/event-log';
import type { SteadyClock } from '../steady-clock.ts';
import { type Claim, ClaimLostError } from './claims.ts';

export interface LeaseOptions {
  /** How often it is renewed, milliseconds. */
  readonly renewEveryMs: number;
  /** So long after the last confirmed renewal it counts as lost; well below the consumer's ack wait. */
  readonly lostAfterMs: number;
}

/** Whether a batch may still be called for, so long after the renewal that was confirmed last was asked for. */
export const isStillHeld = (sinceConfirmedMs: number, { lostAfterMs }: LeaseOptions): boolean =>
  sinceConfirmedMs < lostAfterMs;

/**
 * The right to work on a batch, by our own clock: delivery and claim are renewed together, and who was not answered
 * for too long begins nothing any more, well before anybody else may take the batch over. Only an answered renewal
 * moves the clock.
 */
export class Lease {
  readonly #work: Pick<Work, 'renew'>;
  readonly #options: LeaseOptions;
  readonly #clock: SteadyClock;
  readonly #onLost: (taken: boolean) => void;
  #claim: Claim | null = null;
  #confirmedAt: number;
  #stopTimer: () => void = () => {};
  #state: 'held' | 'lost' | 'released' = 'held';

  /** @param onLost told once; `taken` where somebody else has the batch for certain */
  constructor(
    work: Pick<Work, 'renew'>,
    options: LeaseOptions,
    clock: SteadyClock,
    onLost: (taken: boolean) => void,
  ) {
    this.#work = work;
    this.#options = options;
    this.#clock = clock;
    this.#confirmedAt = clock.now();
    this.#onLost = onLost;
    this.#renewIn(options.renewEveryMs);
  }

  /** Asked before every call: a process that slept finds out here, before any timer has fired. */
  get isHeld(): boolean {
    const since = this.#clock.now() - this.#confirmedAt;
    return this.#state === 'held' && isStillHeld(since, this.#options);
  }

  /** Renews a claim as well, from now on. */
  cover(claim: Claim): void {
    if (this.#state === 'held') this.#claim = claim;
    else claim.release();
  }

  lose(taken = false): void {
    if (this.#state !== 'held') return;
    this.#state = 'lost';
    this.#stopTimer();
    this.#onLost(taken);
  }

  /** The batch was given back, is done, or was let go: the next one may have it. */
  release(): void {
    if (this.#state === 'held') this.#state = 'released';
    this.#stopTimer();
    this.#claim?.release();
    this.#claim = null;
  }

  #renewIn(milliseconds: number): void {
    this.#stopTimer = this.#clock.after(milliseconds, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    if (!this.isHeld) return this.lose();
    const { renewEveryMs } = this.#options;
    const askedAt = this.#clock.now();
    try {
      await Promise.all([this.#work.renew(renewEveryMs / 2), this.#claim?.renew(renewEveryMs / 2)]);
      this.#confirmedAt = askedAt;
    } catch (error) {
      if (error instanceof ClaimLostError) return this.lose(true);
      // No answer in time: asked again soon, and lost when it stays that way. Both are told to whoever holds it.
    }
    if (this.#state !== 'held') return;
    const left = this.#options.lostAfterMs - (this.#clock.now() - this.#confirmedAt);
    const pause = this.#confirmedAt === askedAt ? renewEveryMs : renewEveryMs / 10;
    this.#renewIn(Math.max(0, Math.min(pause, left)));
  }
}
