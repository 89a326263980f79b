import { permitRecord } from './permit-record.ts';
import type { BudgetTools } from './rate-budget.ts';
import { type PermitShare, sharePermits } from './share-permits.ts';
import { SharedRecord } from './shared-record.ts';
import { WakeUp } from './wake-up.ts';

export interface CallPermitsOptions {
  /** Calls at once over all senders. */
  readonly total: number;
  /** How long one call may take, milliseconds. */
  readonly callMs: number;
  /** How many calls could be under way, those that are included; 0 when none are wanted. */
  readonly wanted: () => number;
  readonly inFlight: () => number;
}

/** How often they are renewed while any are wanted, milliseconds. */
const RENEW_MS = 250;
/** A change is told at once, but not more often than this, milliseconds. */
const SOONEST_MS = 50;
/** So long before they end nothing is begun any more: our clock is not the broker's, milliseconds. */
const MARGIN_MS = 200;

/**
 * This sender's part in the number of calls that all senders may have under way. Permits hold for a time; when they are
 * not renewed in time nothing is begun, by our own clock, and others get them when our calls are over for sure.
 */
export class CallPermits {
  readonly #tools: BudgetTools;
  readonly #options: CallPermitsOptions;
  readonly #record: SharedRecord<typeof permitRecord>;
  #permits = 0;
  #target = 0;
  /** By our own clock. */
  #until = 0;
  #told = { wants: 0, permits: 0 };
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking = false;
  #epoch = 0;
  readonly #wakeUp: WakeUp;
  /** By our own clock: until then calls of others may be under way of which no record knows. */
  #unsureUntil = 0;
  #troubled = false;

  constructor(tools: BudgetTools, subject: string, options: CallPermitsOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#record = new SharedRecord(tools.coordination, subject, permitRecord);
    this.#wakeUp = new WakeUp(tools.local, tools.onChange);
  }

  /** Calls that may be under way at once, now. */
  get allowed(): number {
    if (this.#tools.local() >= this.#until - MARGIN_MS) return 0;
    return Math.min(this.#permits, this.#target);
  }

  get permits(): number {
    return this.#permits;
  }

  /** The broker was away: what we hold is not known. */
  forget(): void {
    this.#epoch += 1;
    this.#until = 0;
    this.#unsureUntil = this.#tools.local() + this.#options.callMs;
    this.#record.forget();
  }

  /** Asks where that is due, or has itself woken when it will be. To be called whenever something has changed. */
  review(): void {
    if (this.#asking || !this.#tools.clock.isKnown) return;
    const mayRelease = this.#permits > this.#target && this.#options.inFlight() <= this.#target;
    const isNews = this.#told.wants === 0 || mayRelease;
    const due = this.#askedAt + (isNews ? SOONEST_MS : RENEW_MS);
    const isIdle = this.#told.wants === 0 && this.#told.permits === 0;
    const now = this.#tools.local();
    if (due > now) {
      if (!isIdle || this.#options.wanted() > 0) this.#wakeUp.notAfter(due);
      return;
    }
    const wants = this.#options.wanted();
    if (wants > 0 || !isIdle) void this.#ask(wants);
  }

  /** Gives back what nobody here needs any more. Never rejects. */
  async close(): Promise<void> {
    this.#wakeUp.close();
    this.forget();
    if (this.#told.permits === 0) return;
    try {
      await this.#share(0);
    } catch {
      // They come back by themselves when their time is over.
    }
  }

  async #ask(wants: number): Promise<void> {
    const { local, log, onChange } = this.#tools;
    const epoch = this.#epoch;
    this.#asking = true;
    this.#askedAt = local();
    try {
      const share = await this.#share(wants);
      if (epoch === this.#epoch) this.#take(share, wants);
      this.#troubled = false;
    } catch (error) {
      if (!this.#troubled) log.warn({ err: error }, 'the calls at once cannot be shared: nothing begins');
      this.#troubled = true;
    } finally {
      this.#asking = false;
      onChange();
    }
  }

  #share(wants: number): Promise<PermitShare> {
    const { clock, senderId, local } = this.#tools;
    const { total, callMs, inFlight } = this.#options;
    // The record may be gone with the broker, the calls are not: until they are over nobody gets more than it had.
    const most = local() < this.#unsureUntil ? this.#permits : total;
    return this.#record.update(
      (record) => {
        const ask = { senderId, now: clock.now, total, most, wants, inFlight: inFlight(), callMs };
        const outcome = sharePermits(record, ask);
        // From here on: what is given back must not be used while the answer is on its way.
        this.#permits = Math.min(this.#permits, outcome.permits);
        return { write: outcome.record, outcome };
      },
      ({ holders }) => Object.keys(holders).every((id) => id === senderId),
    );
  }

  #take(share: PermitShare, wants: number): void {
    this.#permits = share.permits;
    this.#target = share.target;
    this.#until = this.#tools.clock.toLocal(share.until);
    this.#told = { wants, permits: share.permits };
  }
}
