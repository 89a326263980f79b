import type { Logger } from '@herald/service-kit';
import type { BrokerClock } from '../clock/broker-clock.ts';
import { HeldCalls } from './held-calls.ts';
import { type RateRecord, rateRecord } from './rate-record.ts';
import { HORIZON_MS, type Reservation, reserve } from './reserve.ts';
import { SharedRecord, type SharedStore } from './shared-record.ts';
import { WakeUp } from './wake-up.ts';

/** What all budgets of a sender work with. */
export interface BudgetTools {
  readonly coordination: SharedStore;
  readonly clock: BrokerClock;
  readonly senderId: string;
  readonly log: Logger;
  /** Milliseconds of a clock that never goes back. */
  readonly local: () => number;
  /** A call may be due, or it may be worth asking again. */
  readonly onChange: () => void;
}

/** So long before the last reserved call is due the next ones are asked for, milliseconds. */
const LEAD_MS = 50;
/** How long after its moment a call may begin: in any second 4 % more than are due, at the worst. */
const GRACE_MS = 40;
/**
 * The part of the limit that is aimed at. Timers, connections and the provider's own queue shift calls by some
 * milliseconds more: what was even when it began must not be over the limit where it is counted.
 */
const AIM = 0.97;
/**
 * Calls that were not begun or not reserved in time (the machine was busy with something else) are made up for, but no
 * faster than this part of the limit: so a stall costs nothing in the long run, and no burst follows it.
 */
const MAKE_UP = 0.03;
/** More than the calls of so many seconds is not made up for. */
const MAKE_UP_SECONDS = 2;
/** The broker did not answer, milliseconds. */
const TROUBLED_MS = 250;
/** Nobody reserves that far ahead: whoever did had another clock, milliseconds. */
const BEYOND_MS = HORIZON_MS + 100;
/** Where nobody has reserved more for so long, such a record holds for nobody any more, milliseconds. */
const ABANDONED_MS = 2_000;

/**
 * This sender's part in a rate that all senders share. Calls are reserved a tenth of a second ahead, one request for all
 * of them, and begun each at its moment. Nobody waits in it: who finds no call due leaves its message where it is.
 */
export class RateBudget {
  readonly #tools: BudgetTools;
  readonly #record: SharedRecord<typeof rateRecord>;
  readonly #waitsForAnother: boolean;
  #held: HeldCalls;
  #callsPerSecond: number;
  #asking = false;
  #epoch = 0;
  #retryAt = 0;
  /** Calls that were reserved here and expired, as far as they are made up for. */
  #missed = 0;
  readonly #wakeUp: WakeUp;
  #troubled = false;
  /** Somebody looked before the next call was due: its moment may come before anybody is told when to look again. */
  #cameTooEarly = false;
  /** The end of what is reserved as we saw it last, and since when it has been that. */
  #line = { lastDue: 0, since: 0 };

  /**
   * @param waitsForAnother true where a call needs one of another budget too, which is asked for only when one is held
   *   here: so long it must keep
   */
  constructor(tools: BudgetTools, subject: string, callsPerSecond: number, waitsForAnother: boolean) {
    this.#tools = tools;
    this.#record = new SharedRecord(tools.coordination, subject, rateRecord);
    this.#callsPerSecond = callsPerSecond;
    this.#waitsForAnother = waitsForAnother;
    this.#wakeUp = new WakeUp(tools.local, tools.onChange);
    this.#held = this.#noneHeld();
  }

  get callsPerSecond(): number {
    return this.#callsPerSecond;
  }

  /** Changes the limit: what was reserved under the old one is let go. */
  set callsPerSecond(limit: number) {
    if (limit === this.#callsPerSecond) return;
    this.#callsPerSecond = limit;
    this.forget();
  }

  /** Calls that are reserved and have not begun, due or not. */
  get held(): number {
    return this.#held.count;
  }

  /** True when a call may begin now. */
  isDue(): boolean {
    const isDue = this.#held.isDue(this.#tools.local());
    this.#cameTooEarly = !isDue;
    return isDue;
  }

  /** A call begins; only where one is due. */
  begin(): void {
    this.#held.begin();
  }

  /** Lets go of everything, and asks anew when it is reviewed next: the broker was away, or the limit is another. */
  forget(): void {
    this.#epoch += 1;
    this.#held = this.#noneHeld();
    this.#record.forget();
    this.#retryAt = 0;
    this.#missed = 0;
  }

  close(): void {
    this.forget();
    this.#wakeUp.close();
  }

  /**
   * Asks for more where that is due, or has itself woken when it will be. To be called whenever messages wait.
   *
   * @param wanted how many calls could begin soon, those that are held included
   */
  review(wanted: () => number): void {
    const now = this.#tools.local();
    this.#held.expire(now);
    this.#missed = Math.min(this.#missed + this.#held.takeExpired(), this.#callsPerSecond * MAKE_UP_SECONDS);
    const { next, last } = this.#held;
    if (next !== null && (next > now || this.#cameTooEarly)) this.#wakeUp.notAfter(next);
    this.#cameTooEarly = false;
    if (this.#asking || !this.#tools.clock.isKnown) return;
    if (last !== null && last - now > LEAD_MS) return;
    if (this.#retryAt > now) {
      this.#wakeUp.notAfter(this.#retryAt);
      return;
    }
    const missing = wanted() - this.#held.count;
    if (missing >= 1) void this.#ask(Math.floor(missing));
  }

  #noneHeld(): HeldCalls {
    const interval = 1_000 / this.#callsPerSecond;
    // One interval more or less is in every count of calls: where calls are rare, losing one costs more than that.
    return new HeldCalls(Math.max(GRACE_MS, interval, this.#waitsForAnother ? HORIZON_MS + GRACE_MS : 0));
  }

  async #ask(wanted: number): Promise<void> {
    const epoch = this.#epoch;
    this.#asking = true;
    try {
      const reservation = await this.#reserve(wanted);
      if (epoch === this.#epoch) this.#take(reservation);
      this.#troubled = false;
    } catch (error) {
      if (!this.#troubled)
        this.#tools.log.warn({ err: error }, 'a rate limit cannot be shared: nothing begins');
      this.#troubled = true;
      this.#retryAt = this.#tools.local() + TROUBLED_MS;
    } finally {
      this.#asking = false;
      this.#tools.onChange();
    }
  }

  #reserve(wanted: number): Promise<Reservation> {
    const { clock, senderId } = this.#tools;
    return this.#record.update(
      (record) => {
        const now = clock.now;
        const known =
          record !== null && this.#isAbandoned(record, now) ? { ...record, lastDue: now } : record;
        const aim = this.#missed >= 1 ? AIM + MAKE_UP : AIM;
        const callsPerSecond = this.#callsPerSecond * aim;
        const ask = { senderId, now, callsPerSecond, wanted };
        const reservation = reserve(known, ask);
        return { write: reservation.record, outcome: reservation };
      },
      (record) => isOnlyOurs(record, senderId),
    );
  }

  /** Reserved far ahead by a clock that nobody has any more: whoever still had it would go on reserving. */
  #isAbandoned({ lastDue }: RateRecord, now: number): boolean {
    const seenAt = this.#tools.local();
    if (lastDue !== this.#line.lastDue) this.#line = { lastDue, since: seenAt };
    return lastDue > now + BEYOND_MS && seenAt - this.#line.since > ABANDONED_MS;
  }

  #take(reservation: Reservation): void {
    const { clock, local } = this.#tools;
    if (reservation.kind === 'reserved') {
      this.#held.add(reservation.due.map((moment) => clock.toLocal(moment)));
      this.#missed = Math.max(0, this.#missed + reservation.missed - reservation.due.length * MAKE_UP);
      return;
    }
    const now = local();
    const at = clock.toLocal(reservation.at);
    const isFar = at > now + BEYOND_MS + 1_000 / this.#callsPerSecond;
    this.#retryAt = isFar ? now + ABANDONED_MS / 2 : Math.max(at, now + 1);
  }
}

const isOnlyOurs = (record: RateRecord, senderId: string): boolean =>
  Object.keys(record.senders).every((id) => id === senderId);
